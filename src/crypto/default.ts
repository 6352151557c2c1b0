import { portableProvider } from "./portable.js";
import type { CryptoProvider } from "./provider.js";

/** What `#crypto` gives where there is no Node. */
export const defaultProvider: CryptoProvider = portableProvider;
