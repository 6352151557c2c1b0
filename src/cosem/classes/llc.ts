/** Classes of the ISO/IEC 8802-2 LLC layer (IEC 62056-6-2). */
import { defineClass, fixed } from "../define.js";
import { uint8, uint16 } from "../simple-types.js";

/** ISO/IEC 8802-2 LLC Type 1 setup, version 0. */
export const LlcType1Setup = /* @__PURE__ */ defineClass(() => ({
  id: 57,
  version: 0,
  name: "llcType1Setup",
  attributes: {
    maxOctetsUiPdu: fixed(2, uint16),
  },
}));

/** ISO/IEC 8802-2 LLC Type 2 setup, version 0. */
export const LlcType2Setup = /* @__PURE__ */ defineClass(() => ({
  id: 58,
  version: 0,
  name: "llcType2Setup",
  attributes: {
    transmitWindowSizeK: fixed(2, uint8),
    receiveWindowSizeRw: fixed(3, uint8),
    maxOctetsIPduN1: fixed(4, uint16),
    maxNumberTransmissionsN2: fixed(5, uint8),
    acknowledgementTimer: fixed(6, uint16),
    pBitTimer: fixed(7, uint16),
    rejectTimer: fixed(8, uint16),
    busyStateTimer: fixed(9, uint16),
  },
}));

/** ISO/IEC 8802-2 LLC Type 3 setup, version 0. */
export const LlcType3Setup = /* @__PURE__ */ defineClass(() => ({
  id: 59,
  version: 0,
  name: "llcType3Setup",
  attributes: {
    maxOctetsAcnPduN3: fixed(2, uint16),
    maxNumberTransmissionsN4: fixed(3, uint8),
    acknowledgementTimeT1: fixed(4, uint16),
    receiveLifetimeVarT2: fixed(5, uint16),
    transmitLifetimeVarT3: fixed(6, uint16),
  },
}));
