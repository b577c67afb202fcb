/** Collects the values of an option that may be given many times. */
export const repeat = (value: string, before: readonly string[]): readonly string[] => [...before, value];
