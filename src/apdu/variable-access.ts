import {
  alternative,
  boolean,
  choice,
  type Infer,
  listOf,
  octetString,
  unsigned8,
  unsigned16,
} from "../codec/index.js";
import { dataView } from "./data-view.js";

export const variableAccessSpecification = choice(
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
/** Variable-Access-Specification (Green Book 9.3.13). */
export type VariableAccessSpecification = Infer<typeof variableAccessSpecification>;

export const variables = listOf<VariableAccessSpecification>(variableAccessSpecification);
/** Encoded Data, one for each variable. */
export const values = listOf(dataView);
