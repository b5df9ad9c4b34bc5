/** Of this package: tests compare it with package.json. */
export const PACKAGE_VERSION = "0.1.0";
