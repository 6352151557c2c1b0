/** Class Data protection (IEC 62056-6-2): attributes that are protected on their own. Its method parameters are not settled among the sources and stay Data. */
import { array } from "../composite-types.js";
import { attribute, defineClass, fixed, method, query } from "../define.js";
import { anyData, enumeration } from "../simple-types.js";
import { octets, protectionParameters, restrictedCapture } from "./records.js";

/** COSEM data protection, version 0. */
export const DataProtection = /* @__PURE__ */ defineClass(() => ({
  id: 30,
  version: 0,
  name: "dataProtection",
  attributes: {
    protectionBuffer: attribute(2, octets),
    protectionObjectList: fixed(3, array(restrictedCapture)),
    protectionParametersGet: fixed(4, protectionParameters),
    protectionParametersSet: fixed(5, protectionParameters),
    /** Bits as in the security policy of version 1. */
    requiredProtection: fixed(6, enumeration),
  },
  methods: {
    /** Values of a list of attributes under the protection that is asked for: see `protectedData`. */
    getProtectedAttributes: query(1, anyData, anyData),
    setProtectedAttributes: method(2, anyData),
    invokeProtectedMethod: query(3, anyData, anyData),
  },
}));
