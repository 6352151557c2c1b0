export type {
  AccessRequest,
  AccessRequestSpecification,
  AccessResponse,
  AccessResponseSpecification,
} from "./access.js";
export type { Aare, Aarq, AuthenticationValue, ResultSourceDiagnostic, Rlre, Rlrq } from "./acse.js";
export type { ActionRequest, ActionResponse, ActionResponseItem } from "./action.js";
export type { Apdu, ApduType, DecodeApduOptions } from "./apdu.js";
export type { GeneralBlockTransfer } from "./block-transfer.js";
export type {
  CipheredService,
  GeneralCiphering,
  GeneralGloCiphering,
  GeneralHeader,
  GeneralSigning,
  KeyInfo,
  ServiceCiphering,
} from "./ciphered.js";
export {
  type ConformanceBit,
  conformanceBits,
  conformanceNames,
  conformanceOf,
  hasConformance,
} from "./conformance.js";
export type {
  AttributeDescriptor,
  AttributeWithSelection,
  DataBlock,
  GetDataResult,
  MethodDescriptor,
  SelectiveAccessDescriptor,
} from "./descriptors.js";
export {
  actionResults,
  applicationContexts,
  associationResults,
  authenticationMechanisms,
  dataAccessResults,
  exceptionServiceErrors,
  exceptionStateErrors,
  nameIn,
  releaseRequestReasons,
  releaseResponseReasons,
} from "./enumerations.js";
export type { ConfirmedServiceError, ExceptionResponse } from "./error-response.js";
export type { GatewayMessage } from "./gateway.js";
export type { GetRequest, GetResponse } from "./get.js";
export type { InitiateRequest, InitiateResponse } from "./initiate.js";
export type { InvokeIdAndPriority, LongInvokeIdAndPriority } from "./invoke-id.js";
export type { DataNotification, DataNotificationConfirm, EventNotificationRequest } from "./notification.js";
export type { SetRequest, SetResponse } from "./set.js";
export type {
  InformationReportRequest,
  ReadRequest,
  ReadResponse,
  ReadResult,
  UnconfirmedWriteRequest,
  VariableAccessSpecification,
  WriteRequest,
  WriteResponse,
  WriteResult,
} from "./short-name.js";
