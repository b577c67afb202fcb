import { isObject } from '../shared/kernel/json.ts';
/** A descriptor as JSON has it, its digest not yet looked at. */
export interface DescriptorJson {
  readonly mediaType?: string;
  readonly digest: string;
  readonly size: number;
}

export const isDescriptorJson = (value: unknown): value is DescriptorJson =>
  isObject(value) && typeof value['digest'] === 'string' && typeof value['size'] === 'number';
