// A React component that watches a run, and says its whole state after every render that changed it.
//
// The argument holds {"runId", "topics"} and any options of the hook. A later line {"props": {…}}
// renders again with these props changed, as a parent component would; {"reset": true} presses reset.
import { Inngest } from "inngest";
import { getClientSubscriptionToken, useRealtime } from "inngest/react";
import { createElement, useEffect } from "react";
import { create } from "react-test-renderer";
import { pipeline } from "./pipeline.js";
import { heard, options, say } from "./stdio.js";

const inngest = new Inngest({ id: "interop" }); // INNGEST_DEV says where the server is

// What the SDK's users run on their server, for the browser to call.
const fetchToken = (channel, topics) => getClientSubscriptionToken(inngest, { channel, topics });

let reset;
let last;

function Watch({ runId, topics, ...others }) {
  const channel = pipeline({ runId });
  const run = useRealtime({ channel, topics, token: () => fetchToken(channel, topics), ...others });

  useEffect(() => {
    reset = run.reset;
    // An Error has nothing that JSON would show.
    const state = { ...run, error: run.error && run.error.message };
    if (JSON.stringify(state) !== last) {
      last = JSON.stringify(state);
      say(state);
    }
  });
  return null;
}

let props = options();
const screen = create(createElement(Watch, props));

for await (const line of heard()) {
  if (line.reset) reset();
  if (line.props) {
    props = { ...props, ...line.props };
    screen.update(createElement(Watch, props));
  }
}
screen.unmount();
