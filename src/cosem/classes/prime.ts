/** Classes of PRIME narrow-band OFDM power line communication (IEC 62056-6-2). */
import { array, structure } from "../composite-types.js";
import { action, attribute, defineClass, fixed } from "../define.js";
import { enumeration, int8, int16, uint8, uint16, uint32 } from "../simple-types.js";
import { octets } from "./records.js";

/** 61334-4-32 LLC SSCS setup, version 0. */
export const PrimeLlcSscsSetup = /* @__PURE__ */ defineClass(() => ({
  id: 80,
  version: 0,
  name: "primeLlcSscsSetup",
  attributes: {
    serviceNodeAddress: attribute(2, uint16),
    baseNodeAddress: attribute(3, uint16),
  },
  methods: {
    reset: action(1),
  },
  methodOffset: 0x20,
}));

/** PRIME NB OFDM PLC Physical layer counters, version 0. */
export const PrimePhysicalLayerCounters = /* @__PURE__ */ defineClass(() => ({
  id: 81,
  version: 0,
  name: "primePhysicalLayerCounters",
  attributes: {
    phyStatsCrcIncorrectCount: attribute(2, uint16),
    phyStatsCrcFailCount: attribute(3, uint16),
    phyStatsTxDropCount: attribute(4, uint16),
    phyStatsRxDropCount: attribute(5, uint16),
  },
  methods: {
    reset: action(1),
  },
  methodOffset: 0x28,
}));

/** PRIME NB OFDM PLC MAC setup, version 0. */
export const PrimeMacSetup = /* @__PURE__ */ defineClass(() => ({
  id: 82,
  version: 0,
  name: "primeMacSetup",
  attributes: {
    macMinSwitchSearchTime: fixed(2, uint8),
    macMaxPromotionPdu: fixed(3, uint8),
    macPromotionPduTxPeriod: fixed(4, uint8),
    macBeaconsPerFrame: fixed(5, uint8),
    macScpMaxTxAttempts: fixed(6, uint8),
    macCtlReTxTimer: fixed(7, uint8),
    macMaxCtlReTx: fixed(8, uint8),
  },
}));

/** PRIME NB OFDM PLC MAC functional parameters, version 0. */
export const PrimeMacFunctionalParameters = /* @__PURE__ */ defineClass(() => ({
  id: 83,
  version: 0,
  name: "primeMacFunctionalParameters",
  attributes: {
    macLnid: attribute(2, int16),
    macLsid: attribute(3, uint8),
    macSid: attribute(4, uint8),
    macSna: attribute(5, octets),
    macState: attribute(6, enumeration),
    macScpLength: attribute(7, int16),
    macNodeHierarchyLevel: attribute(8, uint8),
    macBeaconSlotCount: attribute(9, uint8),
    macBeaconRxSlot: attribute(10, uint8),
    macBeaconTxSlot: attribute(11, uint8),
    macBeaconRxFrequency: attribute(12, uint8),
    macBeaconTxFrequency: attribute(13, uint8),
    macCapabilities: attribute(14, uint16),
  },
}));

/** PRIME NB OFDM PLC MAC counters, version 0. */
export const PrimeMacCounters = /* @__PURE__ */ defineClass(() => ({
  id: 84,
  version: 0,
  name: "primeMacCounters",
  attributes: {
    macTxDataPktCount: attribute(2, uint32),
    macRxDataPktCount: attribute(3, uint32),
    macTxCtrlPktCount: attribute(4, uint32),
    macRxCtrlPktCount: attribute(5, uint32),
    macCsmaFailCount: attribute(6, uint32),
    macCsmaChBusyCount: attribute(7, uint32),
  },
  methods: {
    reset: action(1),
  },
  methodOffset: 0x40,
}));

/** PRIME NB OFDM PLC MAC network administration data, version 0. */
export const PrimeMacNetworkAdministration = /* @__PURE__ */ defineClass(() => ({
  id: 85,
  version: 0,
  name: "primeMacNetworkAdministration",
  attributes: {
    macListMulticastEntries: attribute(2, array(structure({ mcastEntryLcid: int8, mcastEntryMembers: int16 }))),
    macListSwitchTable: attribute(3, array(int16)),
    macListDirectTable: attribute(
      4,
      array(
        structure({
          dconnEntrySrcSid: int16,
          dconnEntrySrcLnid: int16,
          dconnEntrySrcLcid: int16,
          dconnEntryDstSid: int16,
          dconnEntryDstLnid: int16,
          dconnEntryDstLcid: int16,
          dconnEntryDid: octets,
        }),
      ),
    ),
    macListAvailableSwitches: attribute(
      5,
      array(
        structure({
          slistEntrySna: octets,
          slistEntryLsid: int16,
          slistEntryLevel: int8,
          slistEntryRxLvl: int8,
          slistEntryRxSnr: int8,
        }),
      ),
    ),
    macListPhyComm: attribute(
      6,
      array(
        structure({
          phyCommEui: octets,
          phyCommTxPwr: int8,
          phyCommTxCod: int8,
          phyCommRxCod: int8,
          phyCommRxLvl: int8,
          phyCommSnr: int8,
          phyCommTxPwrMod: int8,
          phyCommTxCodMod: int8,
          phyCommRxCodMod: int8,
        }),
      ),
    ),
  },
  methods: {
    reset: action(1),
  },
  methodOffset: 0x30,
}));

/** PRIME NB OFDM PLC Application identification, version 0. */
export const PrimeApplicationIdentification = /* @__PURE__ */ defineClass(() => ({
  id: 86,
  version: 0,
  name: "primeApplicationIdentification",
  attributes: {
    firmwareVersion: fixed(2, octets),
    vendorId: fixed(3, uint16),
    productId: fixed(4, uint16),
  },
}));
