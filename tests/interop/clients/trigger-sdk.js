// A backend that uses the SDK of Trigger.dev, one call after the other. It hears
//
//   {"call": "runs.retrieve", "args": […], "token": instead of the secret key}
//
// and says {"result"}, or {"refused": why, "status"} when the call throws.
import * as sdk from "@trigger.dev/sdk"; // TRIGGER_API_URL and TRIGGER_SECRET_KEY say where and who
import { heard, say } from "./stdio.js";

for await (const { call, args, token } of heard()) {
  const work = async () => {
    try {
      const [group, name] = call.split(".");
      say({ result: (await sdk[group][name](...args)) ?? null });
    } catch (error) {
      say({ refused: error.message, status: error.status });
    }
  };
  await (token ? sdk.auth.withAuth({ accessToken: token }, work) : work());
}
