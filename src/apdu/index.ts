export type {
  AccessRequest,
  AccessRequestSpecification,
  AccessResponse,
  AccessResponseSpecification,
} from "./access.js";
export type { Aare, Aarq, AuthenticationValue, ResultSourceDiagnostic, Rlre, Rlrq } from "./acse.js";
export type { ActionRequest, ActionResponse, ActionResponseItem } from "./action.js";
export type { Apdu, ApduType } from "./apdu.js";
export { type ApduInspection, decodeApdu, encodeApdu, inspectApdu, type PartialApdu } from "./apdu-codec.js";
export type { GeneralBlockTransfer } from "./block-transfer.js";
export {
  type CipheredService,
  encodeGeneralHeader,
  type GeneralCiphering,
  type GeneralDedCiphering,
  type GeneralGloCiphering,
  type GeneralHeader,
  type GeneralSigning,
  type KeyInfo,
  type ServiceCiphering,
  serviceCipheringTags,
} from "./ciphered.js";
export {
  type ConformanceBit,
  conformanceBits,
  conformanceNames,
  conformanceOf,
  hasConformance,
} from "./conformance.js";
export type { DataNotification, DataNotificationConfirm } from "./data-notification.js";
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
  associateDiagnostics,
  associationResults,
  authenticationMechanisms,
  confirmedServices,
  dataAccessResults,
  exceptionServiceErrors,
  exceptionStateErrors,
  nameIn,
  releaseRequestReasons,
  releaseResponseReasons,
  serviceErrorNames,
  serviceErrors,
} from "./enumerations.js";
export type { ConfirmedServiceError, ExceptionResponse } from "./error-response.js";
export type { EventNotificationRequest } from "./event-notification.js";
export type { GatewayMessage } from "./gateway.js";
export type { GetRequest, GetResponse } from "./get.js";
export type { InformationReportRequest } from "./information-report.js";
export type { InitiateRequest, InitiateResponse } from "./initiate.js";
export type { InvokeIdAndPriority, LongInvokeIdAndPriority } from "./invoke-id.js";
export { decodeJoinedBlocks, encodeJoinedBlocks, type JoinedBlocks, type JoinedItems } from "./joined-blocks.js";
export type { ReadRequest, ReadResponse, ReadResult } from "./read.js";
export type { SetRequest, SetResponse } from "./set.js";
export { apduTags, apduTypeOf } from "./table.js";
export { apduTolerances } from "./tolerances.js";
export type { VariableAccessSpecification } from "./variable-access.js";
export type { UnconfirmedWriteRequest, WriteRequest, WriteResponse, WriteResult } from "./write.js";
