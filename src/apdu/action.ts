import type { DataBlock, GetDataResult, MethodDescriptor } from "./descriptors.js";
import type { InvokeIdAndPriority } from "./invoke-id.js";

export type ActionRequest = { readonly type: "action-request"; readonly invokeIdAndPriority: InvokeIdAndPriority } & (
  | { readonly choice: "normal"; readonly method: MethodDescriptor; readonly parameter?: Uint8Array }
  | { readonly choice: "next-pblock"; readonly blockNumber: number }
  | {
      readonly choice: "with-list";
      readonly methods: readonly MethodDescriptor[];
      readonly parameters: readonly Uint8Array[];
    }
  | { readonly choice: "with-first-pblock"; readonly method: MethodDescriptor; readonly pblock: DataBlock }
  | {
      readonly choice: "with-list-and-first-pblock";
      readonly methods: readonly MethodDescriptor[];
      readonly pblock: DataBlock;
    }
  | { readonly choice: "with-pblock"; readonly pblock: DataBlock }
);

/** Action-Response-With-Optional-Data. */
export interface ActionResponseItem {
  /** action-result by its number; 0 is success (see `actionResults`). */
  readonly result: number;
  readonly returned?: GetDataResult;
}

export type ActionResponse = { readonly type: "action-response"; readonly invokeIdAndPriority: InvokeIdAndPriority } & (
  | { readonly choice: "normal"; readonly response: ActionResponseItem }
  | { readonly choice: "with-pblock"; readonly pblock: DataBlock }
  | { readonly choice: "with-list"; readonly responses: readonly ActionResponseItem[] }
  | { readonly choice: "next-pblock"; readonly blockNumber: number }
);
