/** A descriptor as JSON has it, its digest not yet looked at. */
export interface DescriptorJson {
  readonly mediaType?: string;
  readonly digest: string;
  readonly size: number;
}

export const isDescriptorJson = (value: unknown): value is DescriptorJson =>
  typeof value === 'object' &&
  value !== null &&
  'digest' in value &&
  typeof value.digest === 'string' &&
  'size' in value &&
  typeof value.size === 'number';
