export * from "./contract.js";
export { ellipticCurves, withEllipticCurves } from "./elliptic.js";
export { portableProvider } from "./portable.js";
