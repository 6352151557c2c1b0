import { DisconnectControlV0, Obis } from "../cosem/index.js";
import type { MockObject } from "./object.js";
import { object } from "./table-object.js";

/** A Disconnect control object in control mode 4: remote disconnection and remote reconnection, nothing by hand. */
export function disconnectControlObject(logicalName: Uint8Array): MockObject & { readonly connected: boolean } {
  let connected = true;
  const to = (next: boolean) => () => {
    connected = next;
  };
  return {
    ...object(
      DisconnectControlV0,
      Obis.fromOctets(logicalName),
      {
        outputState: () => connected,
        controlState: () => (connected ? "connected" : "disconnected"),
        controlMode: 4,
      },
      { methods: { remoteDisconnect: to(false), remoteReconnect: to(true) } },
    ),
    get connected() {
      return connected;
    },
  };
}
