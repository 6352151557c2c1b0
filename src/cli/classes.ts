import { ClassRegistry, classVersions } from "../cosem/index.js";

/** Every class and version that this library has a table of. */
export const classes = new ClassRegistry(classVersions);
