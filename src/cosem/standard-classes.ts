/** Every class of the standard that is known here, by name and by version. Importing this brings in all tables. */

import { AssociationLnV0, AssociationLnV1, AssociationLnV2 } from "./classes/association-ln.js";
import { AssociationSnV0, AssociationSnV1, AssociationSnV2, AssociationSnV3 } from "./classes/association-sn.js";
import {
  GprsModemSetup,
  GsmDiagnostic,
  GsmDiagnosticV0,
  GsmDiagnosticV1,
  LteMonitoring,
  LteMonitoringV0,
} from "./classes/cellular.js";
import { DataProtection } from "./classes/data-protection.js";
import { DisconnectControlV0, DisconnectControlV1 } from "./classes/device.js";
import {
  G3AdaptationSetup,
  G3AdaptationSetupV0,
  G3AdaptationSetupV1,
  G3AdaptationSetupV2,
  G3AdaptationSetupV3,
  G3HybridAdaptationSetup,
  G3HybridRfMacCounters,
  G3HybridRfMacSetup,
  G3MacCounters,
  G3MacSetup,
  G3MacSetupV1,
  G3MacSetupV2,
  G3MacSetupV3,
} from "./classes/g3.js";
import { HsPlcCpasSetup, HsPlcHdlcSsasSetup, HsPlcIpSsasSetup, HsPlcMacSetup } from "./classes/hs-plc.js";
import {
  CoapDiagnostic,
  CoapSetup,
  Ipv4Setup,
  Ipv6Setup,
  MacAddressSetup,
  NtpSetup,
  PppSetup,
  SmtpSetup,
  TcpUdpSetup,
} from "./classes/internet.js";
import {
  Iso14908Diagnostic,
  Iso14908Identification,
  Iso14908ProtocolSetup,
  Iso14908ProtocolStatus,
} from "./classes/iso-14908.js";
import { LlcType1Setup, LlcType2Setup, LlcType3Setup } from "./classes/llc.js";
import {
  AutoAnswer,
  AutoAnswerV0,
  AutoConnect,
  AutoConnectV0,
  AutoConnectV1,
  CommunicationPortProtection,
  IecHdlcSetup,
  IecHdlcSetupV0,
  IecLocalPortSetup,
  IecLocalPortSetupV0,
  IecTwistedPairSetup,
  IecTwistedPairSetupV0,
  ModemConfiguration,
  ModemConfigurationV0,
} from "./classes/local-ports.js";
import {
  Arbitrator,
  ArrayManager,
  Attestation,
  FunctionControl,
  ParameterMonitor,
  ParameterMonitorV0,
  UtilityTables,
} from "./classes/management.js";
import {
  MbusClient,
  MbusClientV0,
  MbusClientV1,
  MbusDiagnostic,
  MbusMasterPortSetup,
  MbusServerPortSetup,
  MbusSlavePortSetup,
  WirelessModeQChannel,
} from "./classes/mbus.js";
import {
  CompactData,
  CompactDataV0,
  MeasurementDataMonitoring,
  RegisterTable,
  SensorManager,
  StatusMapping,
} from "./classes/measurement.js";
import { Account, Charge, Credit, StsAttributes, TokenGateway } from "./classes/payment.js";
import {
  PrimeApplicationIdentification,
  PrimeLlcSscsSetup,
  PrimeMacCounters,
  PrimeMacFunctionalParameters,
  PrimeMacNetworkAdministration,
  PrimeMacSetup,
  PrimePhysicalLayerCounters,
} from "./classes/prime.js";
import { ProfileGenericV0 } from "./classes/profile-generic.js";
import { PushSetup, PushSetupV0, PushSetupV1, PushSetupV2 } from "./classes/push.js";
import { SecuritySetupV0 } from "./classes/security-setup.js";
import {
  LlcSetup,
  SfskActiveInitiator,
  SfskMacCounters,
  SfskPhyMacSetup,
  SfskReportingSystemList,
  SfskSynchronizationTimeouts,
} from "./classes/sfsk.js";
import {
  ActivityCalendar,
  Limiter,
  RegisterActivation,
  RegisterMonitor,
  Schedule,
  ScriptTable,
  SingleActionSchedule,
  SpecialDaysTable,
} from "./classes/tariff.js";
import {
  LorawanDiagnostic,
  LorawanSetup,
  MplDiagnostic,
  RplDiagnostic,
  SchcLpwanDiagnostic,
  SchcLpwanSetup,
  WisunDiagnostic,
  WisunSetup,
} from "./classes/wireless.js";
import {
  ZigbeeNetworkControl,
  ZigbeeSasApsFragmentation,
  ZigbeeSasJoin,
  ZigbeeSasStartup,
  ZigbeeTunnelSetup,
} from "./classes/zigbee.js";
import { type CoreClasses, coreClasses } from "./core-classes.js";
import type { InterfaceClass } from "./define.js";

/** Names and tables of all classes, in their newest version. */
export interface Classes extends CoreClasses {
  readonly registerActivation: typeof RegisterActivation;
  readonly scriptTable: typeof ScriptTable;
  readonly schedule: typeof Schedule;
  readonly specialDaysTable: typeof SpecialDaysTable;
  readonly activityCalendar: typeof ActivityCalendar;
  readonly registerMonitor: typeof RegisterMonitor;
  readonly singleActionSchedule: typeof SingleActionSchedule;
  readonly limiter: typeof Limiter;
  readonly registerTable: typeof RegisterTable;
  readonly compactData: typeof CompactData;
  readonly statusMapping: typeof StatusMapping;
  readonly measurementDataMonitoring: typeof MeasurementDataMonitoring;
  readonly sensorManager: typeof SensorManager;
  readonly utilityTables: typeof UtilityTables;
  readonly parameterMonitor: typeof ParameterMonitor;
  readonly arbitrator: typeof Arbitrator;
  readonly functionControl: typeof FunctionControl;
  readonly arrayManager: typeof ArrayManager;
  readonly attestation: typeof Attestation;
  readonly dataProtection: typeof DataProtection;
  readonly pushSetup: typeof PushSetup;
  readonly iecLocalPortSetup: typeof IecLocalPortSetup;
  readonly iecHdlcSetup: typeof IecHdlcSetup;
  readonly iecTwistedPairSetup: typeof IecTwistedPairSetup;
  readonly modemConfiguration: typeof ModemConfiguration;
  readonly autoAnswer: typeof AutoAnswer;
  readonly autoConnect: typeof AutoConnect;
  readonly communicationPortProtection: typeof CommunicationPortProtection;
  readonly tcpUdpSetup: typeof TcpUdpSetup;
  readonly ipv4Setup: typeof Ipv4Setup;
  readonly macAddressSetup: typeof MacAddressSetup;
  readonly pppSetup: typeof PppSetup;
  readonly smtpSetup: typeof SmtpSetup;
  readonly ipv6Setup: typeof Ipv6Setup;
  readonly ntpSetup: typeof NtpSetup;
  readonly coapSetup: typeof CoapSetup;
  readonly coapDiagnostic: typeof CoapDiagnostic;
  readonly gprsModemSetup: typeof GprsModemSetup;
  readonly gsmDiagnostic: typeof GsmDiagnostic;
  readonly lteMonitoring: typeof LteMonitoring;
  readonly mbusSlavePortSetup: typeof MbusSlavePortSetup;
  readonly mbusClient: typeof MbusClient;
  readonly wirelessModeQChannel: typeof WirelessModeQChannel;
  readonly mbusMasterPortSetup: typeof MbusMasterPortSetup;
  readonly mbusServerPortSetup: typeof MbusServerPortSetup;
  readonly mbusDiagnostic: typeof MbusDiagnostic;
  readonly sfskPhyMacSetup: typeof SfskPhyMacSetup;
  readonly sfskActiveInitiator: typeof SfskActiveInitiator;
  readonly sfskSynchronizationTimeouts: typeof SfskSynchronizationTimeouts;
  readonly sfskMacCounters: typeof SfskMacCounters;
  readonly llcSetup: typeof LlcSetup;
  readonly sfskReportingSystemList: typeof SfskReportingSystemList;
  readonly llcType1Setup: typeof LlcType1Setup;
  readonly llcType2Setup: typeof LlcType2Setup;
  readonly llcType3Setup: typeof LlcType3Setup;
  readonly primeLlcSscsSetup: typeof PrimeLlcSscsSetup;
  readonly primePhysicalLayerCounters: typeof PrimePhysicalLayerCounters;
  readonly primeMacSetup: typeof PrimeMacSetup;
  readonly primeMacFunctionalParameters: typeof PrimeMacFunctionalParameters;
  readonly primeMacCounters: typeof PrimeMacCounters;
  readonly primeMacNetworkAdministration: typeof PrimeMacNetworkAdministration;
  readonly primeApplicationIdentification: typeof PrimeApplicationIdentification;
  readonly g3MacCounters: typeof G3MacCounters;
  readonly g3MacSetup: typeof G3MacSetup;
  readonly g3AdaptationSetup: typeof G3AdaptationSetup;
  readonly g3HybridRfMacCounters: typeof G3HybridRfMacCounters;
  readonly g3HybridRfMacSetup: typeof G3HybridRfMacSetup;
  readonly g3HybridAdaptationSetup: typeof G3HybridAdaptationSetup;
  readonly wisunSetup: typeof WisunSetup;
  readonly wisunDiagnostic: typeof WisunDiagnostic;
  readonly rplDiagnostic: typeof RplDiagnostic;
  readonly mplDiagnostic: typeof MplDiagnostic;
  readonly schcLpwanSetup: typeof SchcLpwanSetup;
  readonly schcLpwanDiagnostic: typeof SchcLpwanDiagnostic;
  readonly lorawanSetup: typeof LorawanSetup;
  readonly lorawanDiagnostic: typeof LorawanDiagnostic;
  readonly zigbeeSasStartup: typeof ZigbeeSasStartup;
  readonly zigbeeSasJoin: typeof ZigbeeSasJoin;
  readonly zigbeeSasApsFragmentation: typeof ZigbeeSasApsFragmentation;
  readonly zigbeeNetworkControl: typeof ZigbeeNetworkControl;
  readonly zigbeeTunnelSetup: typeof ZigbeeTunnelSetup;
  readonly account: typeof Account;
  readonly credit: typeof Credit;
  readonly charge: typeof Charge;
  readonly tokenGateway: typeof TokenGateway;
  readonly stsAttributes: typeof StsAttributes;
  readonly iso14908Identification: typeof Iso14908Identification;
  readonly iso14908ProtocolSetup: typeof Iso14908ProtocolSetup;
  readonly iso14908ProtocolStatus: typeof Iso14908ProtocolStatus;
  readonly iso14908Diagnostic: typeof Iso14908Diagnostic;
  readonly hsPlcMacSetup: typeof HsPlcMacSetup;
  readonly hsPlcCpasSetup: typeof HsPlcCpasSetup;
  readonly hsPlcIpSsasSetup: typeof HsPlcIpSsasSetup;
  readonly hsPlcHdlcSsasSetup: typeof HsPlcHdlcSsasSetup;
}

// Spreading counts as an effect: within a function that is marked, bundles leave out what nobody names.
export const standardClasses: Classes = /* @__PURE__ */ (() => ({
  ...coreClasses,
  registerActivation: RegisterActivation,
  scriptTable: ScriptTable,
  schedule: Schedule,
  specialDaysTable: SpecialDaysTable,
  activityCalendar: ActivityCalendar,
  registerMonitor: RegisterMonitor,
  singleActionSchedule: SingleActionSchedule,
  limiter: Limiter,
  registerTable: RegisterTable,
  compactData: CompactData,
  statusMapping: StatusMapping,
  measurementDataMonitoring: MeasurementDataMonitoring,
  sensorManager: SensorManager,
  utilityTables: UtilityTables,
  parameterMonitor: ParameterMonitor,
  arbitrator: Arbitrator,
  functionControl: FunctionControl,
  arrayManager: ArrayManager,
  attestation: Attestation,
  dataProtection: DataProtection,
  pushSetup: PushSetup,
  iecLocalPortSetup: IecLocalPortSetup,
  iecHdlcSetup: IecHdlcSetup,
  iecTwistedPairSetup: IecTwistedPairSetup,
  modemConfiguration: ModemConfiguration,
  autoAnswer: AutoAnswer,
  autoConnect: AutoConnect,
  communicationPortProtection: CommunicationPortProtection,
  tcpUdpSetup: TcpUdpSetup,
  ipv4Setup: Ipv4Setup,
  macAddressSetup: MacAddressSetup,
  pppSetup: PppSetup,
  smtpSetup: SmtpSetup,
  ipv6Setup: Ipv6Setup,
  ntpSetup: NtpSetup,
  coapSetup: CoapSetup,
  coapDiagnostic: CoapDiagnostic,
  gprsModemSetup: GprsModemSetup,
  gsmDiagnostic: GsmDiagnostic,
  lteMonitoring: LteMonitoring,
  mbusSlavePortSetup: MbusSlavePortSetup,
  mbusClient: MbusClient,
  wirelessModeQChannel: WirelessModeQChannel,
  mbusMasterPortSetup: MbusMasterPortSetup,
  mbusServerPortSetup: MbusServerPortSetup,
  mbusDiagnostic: MbusDiagnostic,
  sfskPhyMacSetup: SfskPhyMacSetup,
  sfskActiveInitiator: SfskActiveInitiator,
  sfskSynchronizationTimeouts: SfskSynchronizationTimeouts,
  sfskMacCounters: SfskMacCounters,
  llcSetup: LlcSetup,
  sfskReportingSystemList: SfskReportingSystemList,
  llcType1Setup: LlcType1Setup,
  llcType2Setup: LlcType2Setup,
  llcType3Setup: LlcType3Setup,
  primeLlcSscsSetup: PrimeLlcSscsSetup,
  primePhysicalLayerCounters: PrimePhysicalLayerCounters,
  primeMacSetup: PrimeMacSetup,
  primeMacFunctionalParameters: PrimeMacFunctionalParameters,
  primeMacCounters: PrimeMacCounters,
  primeMacNetworkAdministration: PrimeMacNetworkAdministration,
  primeApplicationIdentification: PrimeApplicationIdentification,
  g3MacCounters: G3MacCounters,
  g3MacSetup: G3MacSetup,
  g3AdaptationSetup: G3AdaptationSetup,
  g3HybridRfMacCounters: G3HybridRfMacCounters,
  g3HybridRfMacSetup: G3HybridRfMacSetup,
  g3HybridAdaptationSetup: G3HybridAdaptationSetup,
  wisunSetup: WisunSetup,
  wisunDiagnostic: WisunDiagnostic,
  rplDiagnostic: RplDiagnostic,
  mplDiagnostic: MplDiagnostic,
  schcLpwanSetup: SchcLpwanSetup,
  schcLpwanDiagnostic: SchcLpwanDiagnostic,
  lorawanSetup: LorawanSetup,
  lorawanDiagnostic: LorawanDiagnostic,
  zigbeeSasStartup: ZigbeeSasStartup,
  zigbeeSasJoin: ZigbeeSasJoin,
  zigbeeSasApsFragmentation: ZigbeeSasApsFragmentation,
  zigbeeNetworkControl: ZigbeeNetworkControl,
  zigbeeTunnelSetup: ZigbeeTunnelSetup,
  account: Account,
  credit: Credit,
  charge: Charge,
  tokenGateway: TokenGateway,
  stsAttributes: StsAttributes,
  iso14908Identification: Iso14908Identification,
  iso14908ProtocolSetup: Iso14908ProtocolSetup,
  iso14908ProtocolStatus: Iso14908ProtocolStatus,
  iso14908Diagnostic: Iso14908Diagnostic,
  hsPlcMacSetup: HsPlcMacSetup,
  hsPlcCpasSetup: HsPlcCpasSetup,
  hsPlcIpSsasSetup: HsPlcIpSsasSetup,
  hsPlcHdlcSsasSetup: HsPlcHdlcSsasSetup,
}))();

/** Every version of every class. */
export const classVersions: readonly InterfaceClass[] = /* @__PURE__ */ (() => [
  ...Object.values(coreClasses),
  ProfileGenericV0,
  AssociationLnV0,
  AssociationLnV1,
  AssociationLnV2,
  AssociationSnV0,
  AssociationSnV1,
  AssociationSnV2,
  AssociationSnV3,
  DisconnectControlV0,
  DisconnectControlV1,
  SecuritySetupV0,
  RegisterActivation,
  ScriptTable,
  Schedule,
  SpecialDaysTable,
  ActivityCalendar,
  RegisterMonitor,
  SingleActionSchedule,
  Limiter,
  RegisterTable,
  CompactDataV0,
  CompactData,
  StatusMapping,
  MeasurementDataMonitoring,
  SensorManager,
  UtilityTables,
  ParameterMonitorV0,
  ParameterMonitor,
  Arbitrator,
  FunctionControl,
  ArrayManager,
  Attestation,
  DataProtection,
  PushSetupV0,
  PushSetupV1,
  PushSetupV2,
  PushSetup,
  IecLocalPortSetupV0,
  IecLocalPortSetup,
  IecHdlcSetupV0,
  IecHdlcSetup,
  IecTwistedPairSetupV0,
  IecTwistedPairSetup,
  ModemConfigurationV0,
  ModemConfiguration,
  AutoAnswerV0,
  AutoAnswer,
  AutoConnectV0,
  AutoConnectV1,
  AutoConnect,
  CommunicationPortProtection,
  TcpUdpSetup,
  Ipv4Setup,
  MacAddressSetup,
  PppSetup,
  SmtpSetup,
  Ipv6Setup,
  NtpSetup,
  CoapSetup,
  CoapDiagnostic,
  GprsModemSetup,
  GsmDiagnosticV0,
  GsmDiagnosticV1,
  GsmDiagnostic,
  LteMonitoringV0,
  LteMonitoring,
  MbusSlavePortSetup,
  MbusClientV0,
  MbusClientV1,
  MbusClient,
  WirelessModeQChannel,
  MbusMasterPortSetup,
  MbusServerPortSetup,
  MbusDiagnostic,
  SfskPhyMacSetup,
  SfskActiveInitiator,
  SfskSynchronizationTimeouts,
  SfskMacCounters,
  LlcSetup,
  SfskReportingSystemList,
  LlcType1Setup,
  LlcType2Setup,
  LlcType3Setup,
  PrimeLlcSscsSetup,
  PrimePhysicalLayerCounters,
  PrimeMacSetup,
  PrimeMacFunctionalParameters,
  PrimeMacCounters,
  PrimeMacNetworkAdministration,
  PrimeApplicationIdentification,
  G3MacCounters,
  G3MacSetupV1,
  G3MacSetupV2,
  G3MacSetupV3,
  G3MacSetup,
  G3AdaptationSetupV0,
  G3AdaptationSetupV1,
  G3AdaptationSetupV2,
  G3AdaptationSetupV3,
  G3AdaptationSetup,
  G3HybridRfMacCounters,
  G3HybridRfMacSetup,
  G3HybridAdaptationSetup,
  WisunSetup,
  WisunDiagnostic,
  RplDiagnostic,
  MplDiagnostic,
  SchcLpwanSetup,
  SchcLpwanDiagnostic,
  LorawanSetup,
  LorawanDiagnostic,
  ZigbeeSasStartup,
  ZigbeeSasJoin,
  ZigbeeSasApsFragmentation,
  ZigbeeNetworkControl,
  ZigbeeTunnelSetup,
  Account,
  Credit,
  Charge,
  TokenGateway,
  StsAttributes,
  Iso14908Identification,
  Iso14908ProtocolSetup,
  Iso14908ProtocolStatus,
  Iso14908Diagnostic,
  HsPlcMacSetup,
  HsPlcCpasSetup,
  HsPlcIpSsasSetup,
  HsPlcHdlcSsasSetup,
])();
