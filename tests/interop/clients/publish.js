// A backend that publishes outside of any function. It is given a list of
//
//   {"runId", "topic", "data", "times": how often a text is repeated}  or
//   {"runId", "topic", "stream": [text, …]}
//
// and says {"published": topic} or {"refused": why} for each, in order.
import { Inngest } from "inngest";
import { pipeline } from "./pipeline.js";
import { options, say } from "./stdio.js";

const inngest = new Inngest({ id: "interop" }); // INNGEST_DEV says where the server is

for (const { runId, topic, data, times, stream } of options()) {
  let body = times ? data.repeat(times) : data;
  if (stream) body = ReadableStream.from(stream).pipeThrough(new TextEncoderStream());
  try {
    await inngest.realtime.publish(pipeline({ runId })[topic], body);
    say({ published: topic });
  } catch (error) {
    say({ refused: error.message });
  }
}
