import {
  alternative,
  boolean,
  choice,
  type Infer,
  listOf,
  octetString,
  struct,
  unsigned8,
  unsigned16,
} from "../codec/index.js";
import { dataView } from "./data-view.js";
import { variables } from "./variable-access.js";

export const readRequest = struct({ type: "read-request" }, { variables });
/** Read.request (Green Book 9.3.14, tag 05). */
export type ReadRequest = Infer<typeof readRequest>;

export const readResult = choice(
  {},
  {
    data: alternative(0, {
      /** Encoded Data. */
      data: dataView,
    }),
    "data-access-error": alternative(1, {
      /** See `dataAccessResults`. */
      result: unsigned8,
    }),
    "data-block-result": alternative(2, { lastBlock: boolean, blockNumber: unsigned16, rawData: octetString }),
    "block-number": alternative(3, { blockNumber: unsigned16 }),
  },
);
/** The answer for one variable of a Read. */
export type ReadResult = Infer<typeof readResult>;

export const readResponse = struct({ type: "read-response" }, { results: listOf<ReadResult>(readResult) });
/** Read.response (tag 0C). */
export type ReadResponse = Infer<typeof readResponse>;
