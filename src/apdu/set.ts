import { alternative, choice, type Infer, listOf, optional, unsigned8, unsigned32 } from "../codec/index.js";
import { dataView, finalDataView } from "./data-view.js";
import { attributeDescriptor, attributeWithSelection, dataBlock, selectiveAccessDescriptor } from "./descriptors.js";
import { invokeIdAndPriority } from "./invoke-id.js";

export const setRequest = choice(
  { type: "set-request" },
  {
    normal: alternative(1, {
      invokeIdAndPriority,
      attribute: attributeDescriptor,
      access: optional(selectiveAccessDescriptor),
      /** Encoded Data. */
      value: finalDataView,
    }),
    "with-first-datablock": alternative(2, {
      invokeIdAndPriority,
      attribute: attributeDescriptor,
      access: optional(selectiveAccessDescriptor),
      datablock: dataBlock,
    }),
    "with-datablock": alternative(3, { invokeIdAndPriority, datablock: dataBlock }),
    "with-list": alternative(4, {
      invokeIdAndPriority,
      attributes: listOf(attributeWithSelection),
      /** Encoded Data, one for each attribute. */
      values: listOf(dataView),
    }),
    "with-list-and-first-datablock": alternative(5, {
      invokeIdAndPriority,
      attributes: listOf(attributeWithSelection),
      /** The blocks together hold the list of values: a count and encoded Data. */
      datablock: dataBlock,
    }),
  },
);
/** SET.request (Green Book 9.3.7, tag C1). */
export type SetRequest = Infer<typeof setRequest>;

export const setResponse = choice(
  { type: "set-response" },
  {
    normal: alternative(1, {
      invokeIdAndPriority,
      /** See `dataAccessResults`; 0 is success. */
      result: unsigned8,
    }),
    datablock: alternative(2, { invokeIdAndPriority, blockNumber: unsigned32 }),
    "last-datablock": alternative(3, { invokeIdAndPriority, result: unsigned8, blockNumber: unsigned32 }),
    "last-datablock-with-list": alternative(4, {
      invokeIdAndPriority,
      results: listOf(unsigned8),
      blockNumber: unsigned32,
    }),
    "with-list": alternative(5, { invokeIdAndPriority, results: listOf(unsigned8) }),
  },
);
/** SET.response (tag C5). */
export type SetResponse = Infer<typeof setResponse>;
