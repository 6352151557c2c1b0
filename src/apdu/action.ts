import {
  alternative,
  type Codec,
  choice,
  type Infer,
  listOf,
  type OptionalCodec,
  optional,
  struct,
  unsigned8,
  unsigned32,
} from "../codec/index.js";
import { dataView, finalDataView } from "./data-view.js";
import { dataBlock, finalGetDataResult, type GetDataResult, getDataResult, methodDescriptor } from "./descriptors.js";
import { invokeIdAndPriority } from "./invoke-id.js";
import { tellTolerance } from "./tolerances.js";

export const actionRequest = choice(
  { type: "action-request" },
  {
    normal: alternative(1, {
      invokeIdAndPriority,
      method: methodDescriptor,
      /** Encoded Data. */
      parameter: optional(finalDataView),
    }),
    "next-pblock": alternative(2, {
      invokeIdAndPriority,
      /** The last block received; the next one is asked for. */
      blockNumber: unsigned32,
    }),
    "with-list": alternative(3, {
      invokeIdAndPriority,
      methods: listOf(methodDescriptor),
      /** Encoded Data, one for each method; null-data where it takes none. */
      parameters: listOf(dataView),
    }),
    "with-first-pblock": alternative(4, { invokeIdAndPriority, method: methodDescriptor, pblock: dataBlock }),
    "with-list-and-first-pblock": alternative(5, {
      invokeIdAndPriority,
      methods: listOf(methodDescriptor),
      pblock: dataBlock,
    }),
    "with-pblock": alternative(6, { invokeIdAndPriority, pblock: dataBlock }),
  },
);
/** ACTION.request (Green Book 9.3.8, tag C3). */
export type ActionRequest = Infer<typeof actionRequest>;

const responseItemFields = struct(
  {},
  {
    /** See `actionResults`; 0 is success. */
    result: unsigned8,
    returned: optional(getDataResult),
  },
);
/** Action-Response-With-Optional-Data. */
export interface ActionResponseItem extends Infer<typeof responseItemFields> {}
export const responseItem: Codec<ActionResponseItem> = responseItemFields;
const returned = optional(finalGetDataResult);
/** The one item of a normal response; some servers end the APDU where the flag of the absent data belongs. */
const finalResponseItem: Codec<ActionResponseItem> = struct(
  {},
  {
    result: unsigned8,
    returned: {
      optional: true,
      encode: returned.encode,
      decode(reader, context) {
        if (reader.remaining > 0) return returned.decode(reader, context);
        tellTolerance(context, "return-parameters-missing");
        return undefined;
      },
    } satisfies OptionalCodec<GetDataResult>,
  },
);

export const actionResponse = choice(
  { type: "action-response" },
  {
    normal: alternative(1, {
      invokeIdAndPriority,
      response: finalResponseItem,
    }),
    "with-pblock": alternative(2, { invokeIdAndPriority, pblock: dataBlock }),
    "with-list": alternative(3, { invokeIdAndPriority, responses: listOf(responseItem) }),
    "next-pblock": alternative(4, { invokeIdAndPriority, blockNumber: unsigned32 }),
  },
);
/** ACTION.response (tag C7). */
export type ActionResponse = Infer<typeof actionResponse>;
