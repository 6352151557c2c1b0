import type {
  AttributeDescriptor,
  AttributeWithSelection,
  GetDataResult,
  SelectiveAccessDescriptor,
} from "./descriptors.js";
import type { InvokeIdAndPriority } from "./invoke-id.js";

export type GetRequest = { readonly type: "get-request"; readonly invokeIdAndPriority: InvokeIdAndPriority } & (
  | { readonly choice: "normal"; readonly attribute: AttributeDescriptor; readonly access?: SelectiveAccessDescriptor }
  | { readonly choice: "next"; readonly blockNumber: number }
  | { readonly choice: "with-list"; readonly attributes: readonly AttributeWithSelection[] }
);

export type GetResponse = { readonly type: "get-response"; readonly invokeIdAndPriority: InvokeIdAndPriority } & (
  | { readonly choice: "normal"; readonly result: GetDataResult }
  /** `result.data` is a part of the encoded Data (raw-data). */
  | {
      readonly choice: "with-datablock";
      readonly lastBlock: boolean;
      readonly blockNumber: number;
      readonly result: GetDataResult;
    }
  | { readonly choice: "with-list"; readonly results: readonly GetDataResult[] }
);
