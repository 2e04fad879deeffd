// A backend that publishes outside of any function: a list of {"runId", "topic", "data" | "stream": [text, …]}.
//
// It says {"published": topic} or {"refused": why} for each, in order.
import { Inngest } from "inngest";
import { pipeline } from "./pipeline.js";
import { options, say } from "./stdio.js";

const inngest = new Inngest({ id: "interop" }); // INNGEST_DEV says where the server is

for (const { runId, topic, data, stream } of options()) {
  const body = stream ? ReadableStream.from(stream).pipeThrough(new TextEncoderStream()) : data;
  try {
    await inngest.realtime.publish(pipeline({ runId })[topic], body);
    say({ published: topic });
  } catch (error) {
    say({ refused: error.message });
  }
}
