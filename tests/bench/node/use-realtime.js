// `useRealtime` of the npm SDK in a component that draws nothing: {"history": its limit}.
import { createRequire } from "node:module";
import { add, course } from "./meter.js";

// The SDK is installed once, for the interop tests.
const require = createRequire(new URL("../../interop/package.json", import.meta.url));
const { useRealtime } = require("inngest/react");
const { createElement, useEffect } = require("react");
const { create } = require("react-test-renderer");

const topics = ["tokens"];
const token = () => ({ key: course.token, apiBaseUrl: course.url });
let before = -1;

function Watch() {
  const { messages } = useRealtime({
    channel: "bench:1",
    topics,
    token,
    historyLimit: course.history,
  });

  useEffect(() => {
    if (!messages.last) return;
    // A burst is shown at once: the places tell how many messages it had.
    const { index } = messages.last.data;
    add(index, (index - before + course.distinct) % course.distinct);
    before = index;
  });
  return null;
}

create(createElement(Watch));
