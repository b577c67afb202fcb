/** This version of Landfall, as package.json has it: a bundle has no package.json to read. */
export const VERSION = '0.1.0';
