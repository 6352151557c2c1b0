import { attribute, defineClass } from "../define.js";
import { anyData } from "../simple-types.js";

/** Data (class 1): one value of any type without a unit. */
export const DataClass = /* @__PURE__ */ defineClass(() => ({
  id: 1,
  version: 0,
  name: "data",
  attributes: {
    /** Type and meaning are the object's own. */
    value: attribute(2, anyData),
  },
}));
