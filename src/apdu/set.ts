import type {
  AttributeDescriptor,
  AttributeWithSelection,
  DataBlock,
  SelectiveAccessDescriptor,
} from "./descriptors.js";
import type { InvokeIdAndPriority } from "./invoke-id.js";

export type SetRequest = { readonly type: "set-request"; readonly invokeIdAndPriority: InvokeIdAndPriority } & (
  | {
      readonly choice: "normal";
      readonly attribute: AttributeDescriptor;
      readonly access?: SelectiveAccessDescriptor;
      readonly value: Uint8Array;
    }
  | {
      readonly choice: "with-first-datablock";
      readonly attribute: AttributeDescriptor;
      readonly access?: SelectiveAccessDescriptor;
      readonly datablock: DataBlock;
    }
  | { readonly choice: "with-datablock"; readonly datablock: DataBlock }
  | {
      readonly choice: "with-list";
      readonly attributes: readonly AttributeWithSelection[];
      readonly values: readonly Uint8Array[];
    }
  | {
      readonly choice: "with-list-and-first-datablock";
      readonly attributes: readonly AttributeWithSelection[];
      readonly datablock: DataBlock;
    }
);

export type SetResponse = { readonly type: "set-response"; readonly invokeIdAndPriority: InvokeIdAndPriority } & (
  | { readonly choice: "normal"; readonly result: number }
  | { readonly choice: "datablock"; readonly blockNumber: number }
  | { readonly choice: "last-datablock"; readonly result: number; readonly blockNumber: number }
  | { readonly choice: "last-datablock-with-list"; readonly results: readonly number[]; readonly blockNumber: number }
  | { readonly choice: "with-list"; readonly results: readonly number[] }
);
