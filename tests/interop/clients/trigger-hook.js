// A React component that uses one hook of Trigger.dev, and says all that the hook returns after
// every render that changed it.
//
//   {"hook", "subject": a run id, tags, a batch id or a task, "stream": of the run, if it is about
//   one, "options": of the hook}
//
// A later line {"submit": payload} triggers, {"stop"} stops, and {"props": {…}} renders again with
// these changed, as a parent component would. It also says {"completed": run} when told by onComplete.
import { element } from "./browser.js";
import * as hooks from "@trigger.dev/react-hooks";
import { createElement, useEffect } from "react";
import { createRoot } from "react-dom/client";
import { heard, options, say } from "./stdio.js";

// The hooks that trigger leave the promise of a refused call to nobody. A browser logs that and
// goes on; Node would end.
process.on("unhandledRejection", () => {});

let latest;
let last;

function Watch({ hook, subject, stream, options }) {
  const onComplete = (run) => say({ completed: run });
  const about = stream === undefined ? [subject] : [subject, stream];
  const state = hooks[hook](...about, { baseURL: process.env.TRIGGER_API_URL, onComplete, ...options });

  useEffect(() => {
    latest = state;
    // An Error has nothing that JSON would show.
    const shown = { ...state, error: state.error && state.error.message };
    if (JSON.stringify(shown) !== last) {
      last = JSON.stringify(shown);
      say(shown);
    }
  });
  return null;
}

let props = options();
const screen = createRoot(element());
screen.render(createElement(Watch, props));

for await (const line of heard()) {
  if ("submit" in line) latest.submit(line.submit);
  if (line.stop) latest.stop();
  if (line.props) {
    props = { ...props, ...line.props };
    screen.render(createElement(Watch, props));
  }
}
screen.unmount();
process.exit(0);
