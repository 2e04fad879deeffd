// A backend that listens, in either form that the SDK offers.
//
//   {"runId", "topics", "form": "callback" | "iterator", "token": a ready-made one instead of our own}
//
// It says {"subscribed"}, then {"message"} each, and {"closed"} when the iterator ends.
import { Inngest } from "inngest";
import { subscribe } from "inngest/realtime";
import { pipeline } from "./pipeline.js";
import { heard, options, say } from "./stdio.js";

const { runId, topics, form, token } = options();
const inngest = new Inngest({ id: "interop" }); // INNGEST_DEV says where the server is
const asked = token ?? { app: inngest, channel: pipeline({ runId }), topics };

let subscription;
if (form === "callback") {
  subscription = await subscribe({
    ...asked,
    onMessage: (message) => say({ message }),
    onError: (error) => say({ error: String(error) }),
  });
  say({ subscribed: true });
} else {
  subscription = await subscribe(asked);
  say({ subscribed: true });
  iterate(subscription);
}

for await (const _ of heard());
subscription.unsubscribe("the test is over");

async function iterate(messages) {
  for await (const message of messages) {
    say({ message });
  }
  say({ closed: true });
}
