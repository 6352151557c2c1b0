import { describe, expect, it } from "vitest";
import { decodeApdu } from "../../src/apdu/index.js";
import { clients } from "./mock.js";
import { noticesOf, withMeter } from "./with-meter.js";

const rlrq = (trace: readonly { readonly type: string }[]) =>
  trace.flatMap((event) => {
    const apdu = event.type === "apdu" ? decodeApdu((event as unknown as { apdu: Uint8Array }).apdu) : undefined;
    return apdu?.type === "rlrq" || apdu?.type === "rlre" ? [apdu] : [];
  });

describe.each(["wrapper", "hdlc"] as const)("an association ends over %s", (link) => {
  it.each([
    ["ciphered, with user-information unless told otherwise", clients.management, undefined, [true, true]],
    ["plain, without user-information unless told otherwise", clients.reader, undefined, [false, false]],
    ["with user-information", clients.reader, "with-user-information", [true, true]],
    ["without user-information", clients.management, "without-user-information", [false, false]],
    ["silently", clients.reader, "silent", []],
  ] as const)("%s", (_, options, release, carried) =>
    withMeter(
      async ({ meter, trace }) => {
        // the public client that read the counter released before
        trace.length = 0;
        await meter.close();
        expect(rlrq(trace).map((apdu) => "userInformation" in apdu)).toEqual(carried);
        expect(noticesOf(trace)).toEqual([]);
        expect(meter.state).toBe("closed");
      },
      { link },
      { ...options, ...(release && { release }) },
    )(),
  );
});
