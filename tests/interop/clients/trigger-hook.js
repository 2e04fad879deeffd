// A React component that uses one hook of Trigger.dev, and says all that the hook returns after
// every render that changed it.
//
//   {"hook", "subject": a run id, tags, a batch id or a task, "options": of the hook}
//
// A later line {"submit": payload} triggers, {"stop"} stops, and {"props": {…}} renders again with
// these changed, as a parent component would. It also says {"completed": run} when told by onComplete.
import * as hooks from "@trigger.dev/react-hooks";
import { createElement, useEffect } from "react";
import { create } from "react-test-renderer";
import { heard, options, say } from "./stdio.js";

let latest;
let last;

function Watch({ hook, subject, options }) {
  const onComplete = (run) => say({ completed: run });
  const state = hooks[hook](subject, { baseURL: process.env.TRIGGER_API_URL, onComplete, ...options });

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
const screen = create(createElement(Watch, props));

for await (const line of heard()) {
  if ("submit" in line) latest.submit(line.submit);
  if (line.stop) latest.stop();
  if (line.props) {
    props = { ...props, ...line.props };
    screen.update(createElement(Watch, props));
  }
}
screen.unmount();
process.exit(0);
