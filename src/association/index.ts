export type { CounterSource, Protection, ProtectionBits, ProtectionLike, SecurityPolicy } from "../security/index.js";
export { ClientAssociation } from "./client-association.js";
export type { KeyReport, KeyRequest } from "./key-line.js";
export type {
  ClientAssociationCommand,
  ClientAssociationEvent,
  Negotiated,
  Notification,
  ServerAssociationCommand,
  ServerAssociationEvent,
} from "./messages.js";
export type {
  AssociationSecurity,
  AssociationTolerances,
  Authentication,
  ClientAssociationOptions,
  Conformance,
  Crypto,
  Mechanism,
  PreEstablished,
  ServerAssociationOptions,
  ServerProfile,
  ShortNames,
} from "./options.js";
export { accessRefusal } from "./refusals.js";
export { ServerAssociation } from "./server-association.js";
export type {
  AccessItem,
  AccessItemResult,
  AccessServiceRequest,
  AccessServiceResponse,
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
