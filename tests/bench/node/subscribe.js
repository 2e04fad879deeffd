// `subscribe` of the npm SDK, in either form that it offers: {"form": "callback" | "iterator"}.
import { createRequire } from "node:module";
import { add, course } from "./meter.js";

// The SDK is installed once, for the interop tests.
const require = createRequire(new URL("../../interop/package.json", import.meta.url));
const { subscribe } = require("inngest/realtime");

const asked = {
  channel: "bench:1",
  topics: ["tokens"],
  key: course.token,
  apiBaseUrl: course.url,
};

if (course.form === "callback") {
  await subscribe({ ...asked, onMessage: (message) => add(message.data.index) });
} else {
  for await (const message of await subscribe(asked)) add(message.data.index);
}
