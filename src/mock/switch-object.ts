import { bool, type Data, enumeration, octets } from "../data/index.js";
import type { MockObject } from "./object.js";
import { accessResult, Refusal } from "./results.js";

/** control_state of Disconnect control (class 70). */
const states = { disconnected: 0, connected: 1, readyForReconnection: 2 } as const;

/** A Disconnect control object in control mode 4: remote disconnection and remote reconnection, nothing by hand. */
export function disconnectControlObject(logicalName: Uint8Array): MockObject & { readonly connected: boolean } {
  let state: number = states.connected;
  const to = (next: number) => (parameter: Data | undefined) => {
    if (parameter !== undefined && parameter.type !== "integer") throw new Refusal(accessResult.typeUnmatched);
    state = next;
    return undefined;
  };
  return {
    classId: 70,
    version: 0,
    logicalName,
    attributes: new Map([
      [1, { get: () => octets(logicalName) }],
      [2, { get: () => bool(state === states.connected) }],
      [3, { get: () => enumeration(state) }],
      [4, { get: () => enumeration(4) }],
    ]),
    methods: new Map([
      [1, to(states.disconnected)],
      [2, to(states.connected)],
    ]),
    get connected() {
      return state === states.connected;
    },
  };
}
