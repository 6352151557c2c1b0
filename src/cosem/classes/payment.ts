/** Classes of payment metering (IEC 62056-6-2, IEC 62055-41). */
import { array, sharedType, structure } from "../composite-types.js";
import { action, attribute, defineClass, fixed, method, query } from "../define.js";
import {
  anyData,
  bitStringOf,
  enumeration,
  int8,
  int16,
  int32,
  logicalName,
  taggedDateTime,
  uint8,
  uint16,
  uint32,
  uint64,
  utf8String,
  visibleString,
} from "../simple-types.js";
import { attributeReference, octets } from "./records.js";

const chargePerUnit = /* @__PURE__ */ sharedType(() => structure({ index: octets, chargePerUnit: int16 }));

const unitCharge = /* @__PURE__ */ sharedType(() =>
  structure({
    chargePerUnitScaling: structure({ commodityScale: int8, priceScale: int8 }),
    commodityReference: attributeReference,
    chargeTable: array(chargePerUnit),
  }),
);

const tokenStatus = /* @__PURE__ */ sharedType(() => structure({ statusCode: enumeration, dataValue: bitStringOf() }));

/** Account, version 0. */
export const Account = /* @__PURE__ */ defineClass(() => ({
  id: 111,
  version: 0,
  name: "account",
  attributes: {
    accountModeAndStatus: fixed(2, structure({ paymentMode: enumeration, accountStatus: enumeration })),
    currentCreditInUse: attribute(3, uint8),
    currentCreditStatus: attribute(4, bitStringOf()),
    availableCredit: attribute(5, int32),
    amountToClear: attribute(6, int32),
    clearanceThreshold: fixed(7, int32),
    aggregatedDebt: attribute(8, int32),
    creditReferenceList: fixed(9, array(logicalName)),
    chargeReferenceList: fixed(10, array(logicalName)),
    creditChargeConfiguration: fixed(
      11,
      array(
        structure({
          creditReference: logicalName,
          chargeReference: logicalName,
          collectionConfiguration: bitStringOf(),
        }),
      ),
    ),
    tokenGatewayConfiguration: fixed(12, array(structure({ creditReference: logicalName, tokenProportion: uint8 }))),
    accountActivationTime: fixed(13, octets),
    accountClosureTime: fixed(14, octets),
    currency: fixed(15, structure({ currencyName: utf8String, currencyScale: int8, currencyUnit: enumeration })),
    lowCreditThreshold: attribute(16, int32),
    nextCreditAvailableThreshold: attribute(17, int32),
    maxProvision: fixed(18, uint16),
    maxProvisionPeriod: fixed(19, int32),
  },
  methods: {
    activateAccount: action(1),
    closeAccount: action(2),
    resetAccount: action(3),
  },
  methodOffset: 0x98,
}));

/** Credit, version 0. */
export const Credit = /* @__PURE__ */ defineClass(() => ({
  id: 112,
  version: 0,
  name: "credit",
  attributes: {
    currentCreditAmount: attribute(2, int32),
    creditType: fixed(3, enumeration),
    priority: fixed(4, uint8),
    warningThreshold: fixed(5, int32),
    limit: fixed(6, int32),
    creditConfiguration: fixed(7, bitStringOf()),
    creditStatus: attribute(8, enumeration),
    presetCreditAmount: fixed(9, int32),
    creditAvailableThreshold: fixed(10, int32),
    period: fixed(11, anyData),
  },
  methods: {
    updateAmount: method(1, int32),
    setAmountToValue: method(2, int32),
    invokeCredit: method(3, int8),
  },
  methodOffset: 0x58,
}));

/** Charge, version 0. */
export const Charge = /* @__PURE__ */ defineClass(() => ({
  id: 113,
  version: 0,
  name: "charge",
  attributes: {
    totalAmountPaid: attribute(2, int32),
    chargeType: fixed(3, enumeration),
    priority: fixed(4, uint8),
    unitChargeActive: fixed(5, unitCharge),
    unitChargePassive: fixed(6, unitCharge),
    unitChargeActivationTime: fixed(7, octets),
    period: fixed(8, uint32),
    chargeConfiguration: fixed(9, bitStringOf()),
    lastCollectionTime: attribute(10, taggedDateTime),
    lastCollectionAmount: attribute(11, int32),
    totalAmountRemaining: attribute(12, int32),
    proportion: fixed(13, uint16),
  },
  methods: {
    updateUnitCharge: method(1, array(chargePerUnit)),
    activatePassiveUnitCharge: action(2),
    collect: action(3),
    updateTotalAmountRemaining: method(4, int32),
    setTotalAmountRemaining: method(5, int32),
  },
  methodOffset: 0x68,
}));

/** Token gateway, version 0. */
export const TokenGateway = /* @__PURE__ */ defineClass(() => ({
  id: 115,
  version: 0,
  name: "tokenGateway",
  attributes: {
    token: attribute(2, octets),
    tokenTime: attribute(3, octets),
    tokenDescription: attribute(4, array(octets)),
    tokenDeliveryMethod: attribute(5, enumeration),
    tokenStatus: attribute(6, tokenStatus),
  },
  methods: {
    enter: query(1, octets, tokenStatus),
  },
  methodOffset: 0x30,
}));

/** IEC 62055-41 attributes, version 0. */
export const StsAttributes = /* @__PURE__ */ defineClass(() => ({
  id: 116,
  version: 0,
  name: "stsAttributes",
  attributes: {
    meterPan: fixed(
      2,
      structure({ issuerIdentificationNumber: uint32, decoderReferenceNumber: uint64, panCheckDigit: uint8 }),
    ),
    commodity: fixed(3, visibleString),
    tokenCarrierTypes: fixed(4, array(uint8)),
    encryptionAlgorithm: fixed(5, uint8),
    supplyGroupCode: attribute(6, uint32),
    tariffIndex: attribute(7, uint8),
    keyRevisionNumber: attribute(8, uint8),
    keyType: attribute(9, uint8),
    keyExpiryNumber: attribute(10, uint8),
    noOfKctSupported: fixed(11, uint8),
    stsCertificateNo: fixed(12, visibleString),
  },
}));
