/** Classes of G3-PLC power line communication, with the hybrid radio profile (IEC 62056-6-2). */
import { array, sharedType, structure } from "../composite-types.js";
import { action, attribute, defineClass, extendClass, fixed, method, query } from "../define.js";
import { anyData, bitStringOf, bool, enumeration, int8, octetString, uint8, uint16, uint32 } from "../simple-types.js";
import { octets } from "./records.js";

const neighbour = /* @__PURE__ */ sharedType(() =>
  structure({
    shortAddress: uint16,
    payloadModulationScheme: bool,
    toneMap: bitStringOf(),
    modulation: enumeration,
    txGain: int8,
    txRes: enumeration,
    txCoeff: bitStringOf(),
    lqi: uint8,
    phaseDifferential: int8,
    tmrValidTime: uint8,
    neighbourValidTime: uint8,
  }),
);

const posEntry = /* @__PURE__ */ sharedType(() => structure({ shortAddress: uint16, lqi: uint8, posValidTime: uint8 }));

/** G3-PLC MAC layer counters, version 1. */
export const G3MacCounters = /* @__PURE__ */ defineClass(() => ({
  id: 90,
  version: 1,
  name: "g3MacCounters",
  attributes: {
    macTxDataPacketCount: attribute(2, uint32),
    macRxDataPacketCount: attribute(3, uint32),
    macTxCmdPacketCount: attribute(4, uint32),
    macRxCmdPacketCount: attribute(5, uint32),
    macCsmaFailCount: attribute(6, uint32),
    macCsmaNoAckCount: attribute(7, uint32),
    macBadCrcCount: attribute(8, uint32),
    macTxDataBroadcastCount: attribute(9, uint32),
    macRxDataBroadcastCount: attribute(10, uint32),
  },
  methods: {
    reset: action(1),
  },
  methodOffset: 0x50,
}));

/** G3-PLC MAC setup, version 1. */
export const G3MacSetupV1 = /* @__PURE__ */ defineClass(() => ({
  id: 91,
  version: 1,
  name: "g3MacSetup",
  attributes: {
    macShortAddress: attribute(2, uint16),
    macRcCoord: attribute(3, uint16),
    macPanId: attribute(4, uint16),
    macKeyTable: attribute(5, array(structure({ keyId: uint8, key: octetString(16) }))),
    macFrameCounter: attribute(6, uint32),
    macToneMask: fixed(7, bitStringOf()),
    macTmrTtl: fixed(8, uint8),
    macMaxFrameRetries: fixed(9, uint8),
    macNeighbourTableEntryTtl: fixed(10, uint8),
    macNeighbourTable: attribute(11, array(neighbour)),
    macHighPriorityWindowSize: fixed(12, uint8),
    macCsmaFairnessLimit: fixed(13, uint8),
    macBeaconRandomizationWindowLength: fixed(14, uint8),
    macA: fixed(15, uint8),
    macK: fixed(16, uint8),
    macMinCwAttempts: fixed(17, uint8),
    macCenelecLegacyMode: fixed(18, uint8),
    macFccLegacyMode: fixed(19, uint8),
    macMaxBe: fixed(20, uint8),
    macMaxCsmaBackoffs: fixed(21, uint8),
    macMinBe: fixed(22, uint8),
  },
  methods: {
    macGetNeighbourTableEntry: query(1, uint16, array(neighbour)),
  },
}));

/** G3-PLC MAC setup, version 2. */
export const G3MacSetupV2 = /* @__PURE__ */ extendClass(G3MacSetupV1, () => ({
  version: 2,
  attributes: {
    macBroadcastMaxCwEnabled: fixed(23, bool),
    macTransmitAtten: fixed(24, uint8),
    macPosTable: attribute(25, array(posEntry)),
  },
}));

/** G3-PLC MAC setup, version 3. */
export const G3MacSetupV3 = /* @__PURE__ */ extendClass(G3MacSetupV2, () => ({
  version: 3,
  attributes: {
    macDuplicateDetectionTtl: fixed(26, uint8),
  },
  methods: {
    macGetPosTableEntry: query(2, uint16, array(posEntry)),
  },
}));

/** G3-PLC MAC setup, version 4. */
export const G3MacSetup = /* @__PURE__ */ defineClass(() => ({
  id: 91,
  version: 4,
  name: "g3MacSetup",
  attributes: {
    macShortAddress: attribute(2, uint16),
    macRcCoord: attribute(3, uint16),
    macPanId: attribute(4, uint16),
    macKeyTable: attribute(5, array(structure({ keyId: uint8, key: octetString(16) }))),
    macFrameCounter: attribute(6, uint32),
    macToneMask: fixed(7, bitStringOf()),
    macTmrTtl: fixed(8, uint8),
    macMaxFrameRetries: fixed(9, uint8),
    macPosTableEntryTtl: fixed(10, uint8),
    macNeighbourTable: attribute(11, array(neighbour)),
    macHighPriorityWindowSize: fixed(12, uint8),
    macCsmaFairnessLimit: fixed(13, uint8),
    macBeaconRandomizationWindowLength: fixed(14, uint8),
    macA: fixed(15, uint8),
    macK: fixed(16, uint8),
    macMinCwAttempts: fixed(17, uint8),
    macCenelecLegacyMode: fixed(18, uint8),
    macFccLegacyMode: fixed(19, uint8),
    macMaxBe: fixed(20, uint8),
    macMaxCsmaBackoffs: fixed(21, uint8),
    macMinBe: fixed(22, uint8),
    macBroadcastMaxCwEnabled: fixed(23, bool),
    macTransmitAtten: fixed(24, uint8),
    macPosTable: attribute(25, array(posEntry)),
    macDuplicateDetectionTtl: fixed(26, uint8),
    macPosRecentEntryThreshold: fixed(27, uint8),
    macPosRecentEntries: fixed(28, uint16),
    macPreambleLength: fixed(29, uint8),
  },
  methods: {
    macGetNeighbourTableEntry: query(1, uint16, array(neighbour)),
    macGetPosTableEntry: query(2, uint16, array(posEntry)),
  },
  methodOffset: 0xe8,
}));

/** G3-PLC 6LoWPAN adaptation layer setup, version 0. */
export const G3AdaptationSetupV0 = /* @__PURE__ */ defineClass(() => ({
  id: 92,
  version: 0,
  name: "g3AdaptationSetup",
  attributes: {
    adpMaxHops: fixed(2, uint8),
    adpWeakLqiValue: fixed(3, uint8),
    adpSecurityLevel: fixed(4, uint8),
    adpPrefixTable: attribute(5, array(uint8)),
    adpRoutingConfiguration: fixed(
      6,
      array(
        structure({
          netTraversalTime: uint8,
          routingTableEntryTtl: uint16,
          kr: uint8,
          km: uint8,
          kc: uint8,
          kq: uint8,
          kh: uint8,
          krt: uint8,
          rreqRetries: uint8,
          rreqRerrWait: uint8,
          blacklistTableEntryTtl: uint16,
          unicastRreqGenEnable: bool,
          rlcEnabled: bool,
          addRevLinkCost: uint8,
        }),
      ),
    ),
    adpBroadcastLogTableEntryTtl: fixed(7, uint16),
    adpRoutingTable: attribute(
      8,
      array(
        structure({
          destinationAddress: uint16,
          nextHopAddress: uint16,
          routeCost: uint16,
          hopCount: uint8,
          weakLinkCount: uint8,
          validTime: uint16,
        }),
      ),
    ),
    adpContextInformationTable: attribute(
      9,
      array(structure({ cid: bitStringOf(4), contextLength: uint8, context: octets, c: bool, validLifetime: uint16 })),
    ),
    adpBlacklistTable: attribute(10, array(structure({ blacklistedNeighbourAddress: uint16, validTime: uint16 }))),
    adpBroadcastLogTable: attribute(
      11,
      array(structure({ sourceAddress: uint16, sequenceNumber: uint8, validTime: uint16 })),
    ),
    adpGroupTable: attribute(12, array(uint16)),
    adpMaxJoinWaitTime: fixed(13, uint16),
    adpPathDiscoveryTime: fixed(14, uint8),
    adpActiveKeyIndex: fixed(15, uint8),
    adpMetricType: fixed(16, uint8),
  },
}));

/** G3-PLC 6LoWPAN adaptation layer setup, version 1. */
export const G3AdaptationSetupV1 = /* @__PURE__ */ extendClass(G3AdaptationSetupV0, () => ({
  version: 1,
  attributes: {
    adpCoordShortAddress: fixed(17, uint16),
    adpDisableDefaultRouting: fixed(18, bool),
    adpDeviceType: fixed(19, enumeration),
  },
}));

/** G3-PLC 6LoWPAN adaptation layer setup, version 2. */
export const G3AdaptationSetupV2 = /* @__PURE__ */ extendClass(G3AdaptationSetupV1, () => ({
  version: 2,
  attributes: {
    adpDefaultCoordRouteEnabled: fixed(20, bool),
    adpDestinationAddressSet: attribute(21, array(uint16)),
  },
}));

/** G3-PLC 6LoWPAN adaptation layer setup, version 3. */
export const G3AdaptationSetupV3 = /* @__PURE__ */ extendClass(G3AdaptationSetupV2, () => ({
  version: 3,
  attributes: {
    adpLowLqiValue: fixed(22, uint8),
    adpHighLqiValue: fixed(23, uint8),
  },
}));

/** G3-PLC 6LoWPAN adaptation layer setup, version 4. */
export const G3AdaptationSetup = /* @__PURE__ */ extendClass(G3AdaptationSetupV3, () => ({
  version: 4,
  attributes: {
    adpDelayLowLqi: fixed(24, uint16),
    adpDelayHighLqi: fixed(25, uint16),
    adpRreqJitterLowLqi: fixed(26, uint8),
    adpRreqJitterHighLqi: fixed(27, uint8),
    adpTrickleDataEnabled: fixed(28, bool),
    adpTrickleLqiThresholdLow: fixed(29, uint8),
    adpTrickleStep: fixed(30, uint8),
    adpTrickleImin: fixed(31, uint16),
    adpTrickleMaxKi: fixed(32, uint8),
    adpTrickleAdaptiveImin: fixed(33, bool),
    adpTrickleAdaptiveKi: fixed(34, bool),
    adpClusterTrickleEnabled: fixed(35, bool),
    adpClusterMinLqi: fixed(36, uint8),
    adpClusterTrickleK: fixed(37, uint8),
    adpClusterRreqRouteCostDeviation: fixed(38, uint8),
    adpClusterTrickleI: fixed(39, uint16),
    adpTrickleLqiThresholdHigh: fixed(40, uint8),
  },
}));

/** G3-PLC Hybrid RF MAC layer counters, version 0. */
export const G3HybridRfMacCounters = /* @__PURE__ */ defineClass(() => ({
  id: 160,
  version: 0,
  name: "g3HybridRfMacCounters",
  attributes: {
    macRetryCountRf: attribute(2, uint32),
    macMultipleRetryCountRf: attribute(3, uint32),
    macTxFailCountRf: attribute(4, uint32),
    macTxSuccessCountRf: attribute(5, uint32),
    macFcsErrorCountRf: attribute(6, uint32),
    macSecurityFailureCountRf: attribute(7, uint32),
    macDuplicateFrameCountRf: attribute(8, uint32),
    macRxSuccessCountRf: attribute(9, uint32),
  },
  methods: {
    reset: method(1, anyData),
  },
  methodOffset: 0x50,
}));

/** G3-PLC Hybrid RF MAC setup, version 1. */
export const G3HybridRfMacSetup = /* @__PURE__ */ defineClass(() => ({
  id: 161,
  version: 1,
  name: "g3HybridRfMacSetup",
  attributes: {
    macMaxBeRf: fixed(2, uint8),
    macMaxCsmaBackoffsRf: fixed(3, uint8),
    macMaxFrameRetriesRf: fixed(4, uint8),
    macMinBeRf: fixed(5, uint8),
    macFrameCounterRf: attribute(6, uint32),
    macDuplicateDetectionTtlRf: fixed(7, uint8),
    macPosTableRf: attribute(8, array(anyData)),
    macOperatingModeRf: fixed(9, uint8),
    macChannelNumberRf: fixed(10, uint16),
    macDutyCycleUsageRf: attribute(11, uint8),
    macDutyCyclePeriodRf: fixed(12, uint16),
    macDutyCycleLimitRf: fixed(13, uint16),
    macDutyCycleThresholdRf: fixed(14, uint8),
    macDisablePhyRf: fixed(15, bool),
    macFrequencyBandRf: fixed(16, enumeration),
    macTransmitAttenRf: fixed(17, uint8),
    macAdaptivePowerStepRf: fixed(18, uint8),
    macAdaptivePowerHighBoundRf: fixed(19, uint8),
    macAdaptivePowerLowBoundRf: fixed(20, uint8),
    macPosRecentEntriesRf: attribute(21, uint16),
    macHoppingEnabledRf: fixed(22, bool),
    macBroadcastIntervalDurationRf: fixed(23, uint16),
    macBroadcastSlotDurationRf: fixed(24, uint8),
    macUnicastSlotDurationRf: fixed(25, uint8),
    macExtendedBitmapRf: fixed(26, bitStringOf()),
    macBeaconRandomizationWindowLengthRf: fixed(27, uint16),
    macAdditionalChannelScanTimeRf: fixed(28, uint8),
    macMaxCcaAttemptsRetriesRf: fixed(29, uint8),
    macMinInterTxIntervalRf: fixed(30, uint16),
    macInitialRetryTimeRf: fixed(31, uint16),
    macMaximumRetryTimeRf: fixed(32, uint16),
    macMaxClockDriftRf: fixed(33, uint8),
    macFhUnicastScheduleAddressRf: fixed(34, uint16),
    macFhUnicastSlotNumberRf: fixed(35, uint16),
    macFhUnicastOffsetRf: fixed(36, uint8),
    macMinGuardTimeRf: fixed(37, uint8),
    macMaxBcastResyncWaitUnitRf: fixed(38, uint8),
  },
  methods: {
    macGetPosTableEntryRf: method(1, uint16),
  },
  methodOffset: 0x130,
}));

/** G3-PLC Hybrid 6LoWPAN adaptation layer setup, version 1. */
export const G3HybridAdaptationSetup = /* @__PURE__ */ defineClass(() => ({
  id: 162,
  version: 1,
  name: "g3HybridAdaptationSetup",
  attributes: {
    adpRoutingTable: attribute(2, array(anyData)),
    adpBlacklistTable: attribute(3, array(anyData)),
    adpLowLqiValueRf: fixed(4, uint8),
    adpHighLqiValueRf: fixed(5, uint8),
    adpRoutingConfigurationRf: fixed(6, array(anyData)),
    adpUseBackupMedia: fixed(7, bool),
    adpWeakLqiValueRf: fixed(8, uint8),
    adpTrickleLqiThresholdLowRf: fixed(9, uint8),
    adpDelayLowLqiRf: fixed(10, uint16),
    adpDelayHighLqiRf: fixed(11, uint16),
    adpRreqJitterLowLqiRf: fixed(12, uint8),
    adpRreqJitterHighLqiRf: fixed(13, uint8),
    adpClusterTrickleIRf: fixed(14, uint16),
    adpClusterTrickleKRf: fixed(15, uint8),
    adpClusterMinLqiRf: fixed(16, uint8),
    adpLastGasp: fixed(17, bool),
    adpProbingInterval: fixed(18, uint8),
    adpTrickleLqiThresholdHighRf: fixed(19, uint8),
  },
}));
