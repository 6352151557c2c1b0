import { alternative, choice, type Infer, listOf, struct, unsigned8, unsigned16 } from "../codec/index.js";
import { values, variables } from "./variable-access.js";

export const writeRequest = struct({ type: "write-request" }, { variables, values });
/** Write.request (Green Book 9.3.15, tag 06). */
export type WriteRequest = Infer<typeof writeRequest>;

export const writeResult = choice(
  {},
  {
    success: alternative(0, {}),
    "data-access-error": alternative(1, {
      /** See `dataAccessResults`. */
      result: unsigned8,
    }),
    "block-number": alternative(2, { blockNumber: unsigned16 }),
  },
);
/** The answer for one variable of a Write. */
export type WriteResult = Infer<typeof writeResult>;

export const writeResponse = struct({ type: "write-response" }, { results: listOf<WriteResult>(writeResult) });
/** Write.response (tag 0D). */
export type WriteResponse = Infer<typeof writeResponse>;

export const unconfirmedWriteRequest = struct({ type: "unconfirmed-write-request" }, { variables, values });
/** UnconfirmedWrite.request (Green Book 9.3.16, tag 16). */
export type UnconfirmedWriteRequest = Infer<typeof unconfirmedWriteRequest>;
