export type {
  ActionItem,
  ActionOutcome,
  AttributeReference,
  DataResult,
  GetItem,
  MethodReference,
  SelectiveAccess,
  ServiceRequest,
  ServiceResponse,
  SetItem,
} from "./service.js";
