// A backend that uses the SDK of Trigger.dev, one call after the other. It hears
//
//   {"call": "runs.retrieve", "args": […], "baseURL", "accessToken"}
//
// and says {"result"}, or {"refused": why, "status"} when the call throws.
import * as sdk from "@trigger.dev/sdk";
import { heard, say } from "./stdio.js";

for await (const { call, args, ...where } of heard()) {
  await sdk.auth.withAuth(where, async () => {
    try {
      const [group, name] = call.split(".");
      say({ result: (await sdk[group][name](...args)) ?? null });
    } catch (error) {
      say({ refused: error.message, status: error.status });
    }
  });
}
