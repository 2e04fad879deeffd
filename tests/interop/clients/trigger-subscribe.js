// A backend that follows runs of Trigger.dev.
//
//   {"to": "Run" | "RunsWithTag" | "Batch", "args": […], "token": instead of the secret key}
//
// It says {"subscribed"}, then {"run"} each, and {"ended"} when the iterator ends. Told
// {"unsubscribe"}, it does.
import { auth, runs } from "@trigger.dev/sdk"; // TRIGGER_API_URL and TRIGGER_SECRET_KEY: where, who
import { heard, options, say } from "./stdio.js";

const { to, args, token } = options();
if (token) auth.configure({ accessToken: token });

const subscription = runs[`subscribeTo${to}`](...args);
say({ subscribed: true });
iterate();

for await (const line of heard()) {
  if (line.unsubscribe) subscription.unsubscribe();
}
process.exit(0);

async function iterate() {
  for await (const run of subscription) {
    say({ run });
  }
  say({ ended: true });
}
