import type { Platform } from '../oci/platform.ts';

export type UnpackMode = 'files' | 'archive' | 'none';
/** `first`: the first layer alone (of that type), as Flux takes it: a tar whatever it is called, without whiteouts. */
export type LayerSelection =
  | 'auto'
  | 'all'
  | { readonly mediaType: string; readonly first?: true }
  | { readonly first: true };

/** How a manifest becomes files: everything the variant is named after. */
export interface UnpackOptions {
  readonly mode: UnpackMode;
  readonly layers: LayerSelection;
  readonly platform?: Platform;
  readonly links: 'record' | 'materialize';
  /** .gitignore lines. */
  readonly ignore?: string;
  /** In the store files lie one behind the other in a few objects. Absent: each is one, and all are a tree. */
  readonly layout?: 'pack';
}
