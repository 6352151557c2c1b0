import {
  alternative,
  boolean,
  choice,
  type Infer,
  listOf,
  octetString,
  optional,
  struct,
  unsigned8,
  unsigned16,
} from "../codec/index.js";
import { dataView } from "./data-view.js";

const variableAccessSpecification = choice(
  {},
  {
    "variable-name": alternative(2, {
      /** Short name, 0 to 65535. */
      name: unsigned16,
    }),
    "parameterized-access": alternative(4, {
      name: unsigned16,
      selector: unsigned8,
      /** Encoded Data. */
      parameter: dataView,
    }),
    "block-number-access": alternative(5, { blockNumber: unsigned16 }),
    "read-data-block-access": alternative(6, { lastBlock: boolean, blockNumber: unsigned16, rawData: octetString }),
    "write-data-block-access": alternative(7, { lastBlock: boolean, blockNumber: unsigned16 }),
  },
);
/** Variable-Access-Specification. */
export type VariableAccessSpecification = Infer<typeof variableAccessSpecification>;

const variables = listOf(variableAccessSpecification);
/** Encoded Data, one for each variable. */
const values = listOf(dataView);

export const readRequest = struct({ type: "read-request" }, { variables });
/** Read.request (Green Book 9.3.14, tag 05). */
export type ReadRequest = Infer<typeof readRequest>;

const readResult = choice(
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
export type ReadResult = Infer<typeof readResult>;

export const readResponse = struct({ type: "read-response" }, { results: listOf(readResult) });
/** Read.response (tag 0C). */
export type ReadResponse = Infer<typeof readResponse>;

export const writeRequest = struct({ type: "write-request" }, { variables, values });
/** Write.request (Green Book 9.3.15, tag 06). */
export type WriteRequest = Infer<typeof writeRequest>;

const writeResult = choice(
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
export type WriteResult = Infer<typeof writeResult>;

export const writeResponse = struct({ type: "write-response" }, { results: listOf(writeResult) });
/** Write.response (tag 0D). */
export type WriteResponse = Infer<typeof writeResponse>;

export const unconfirmedWriteRequest = struct({ type: "unconfirmed-write-request" }, { variables, values });
/** UnconfirmedWrite.request (Green Book 9.3.16, tag 16). */
export type UnconfirmedWriteRequest = Infer<typeof unconfirmedWriteRequest>;

export const informationReportRequest = struct(
  { type: "information-report-request" },
  {
    /** GeneralizedTime, its characters as octets. */
    currentTime: optional(octetString),
    variables,
    values,
  },
);
/** InformationReport.request (Green Book 9.3.17, tag 18). */
export type InformationReportRequest = Infer<typeof informationReportRequest>;
