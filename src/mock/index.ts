export {
  type LineFault,
  type LineModelOptions,
  line7e1,
  line8n1,
  type MemoryLinkOptions,
  shapedTransport,
  VirtualClock,
  type VirtualClockOptions,
} from "../transport/index.js";
export type { MockAccessRights } from "./access-table.js";
export { associationObject, sapAssignmentObject } from "./association-object.js";
export { type MockBusOptions, mockBus } from "./bus.js";
export {
  type MockClient,
  type MockClientSecurity,
  mockClientSaps,
  mockConformance,
  mockCredentials,
} from "./clients.js";
export { type DataProtectionOptions, dataProtectionObject } from "./data-protection-object.js";
export { type DemandOptions, demandObject } from "./demand-object.js";
export { LogicalDevice } from "./device.js";
export type { MockEvent } from "./events.js";
export { Household, type HouseholdOptions, type HouseholdRow, profileStatus } from "./household.js";
export { type HouseholdMeterOptions, householdObjects, logicalName } from "./household-meter.js";
export { type ImageTransferOptions, imageTransferObject } from "./image-object.js";
export { type GatewayDevice, MockMeter, type MockMeterOptions, type MockPush, type ServeOptions } from "./meter.js";
export { MeterClock } from "./meter-clock.js";
export type { DialledLine, DialOptions } from "./modem.js";
export type { AttributeAccess, MockAttribute, MockMethod, MockObject, RequestContext } from "./object.js";
export { type CaptureColumn, type CapturedRow, type ProfileObjectOptions, profileObject } from "./profile-object.js";
export type { PushCarrier } from "./push/carriers.js";
export {
  type PushDestination,
  type PushedAttribute,
  type PushSetupOptions,
  pushSetupObject,
} from "./push/push-setup.js";
export type { Pusher, PusherOptions, PushMessage, PushOutcome } from "./push/pusher.js";
export { accessResult, Refusal } from "./results.js";
export { SecuritySetupState } from "./security-setup.js";
export { dataObject, extendedRegisterObject, registerObject } from "./simple-objects.js";
export { disconnectControlObject } from "./switch-object.js";
export {
  type ObjectBehaviours,
  type ObjectValues,
  object,
  type TableObject,
  type ValueSource,
} from "./table-object.js";
export { centralEurope, type MeterTimeZone } from "./time-zone.js";
