import type { Platform } from '../oci/platform.ts';

export type UnpackMode = 'files' | 'archive' | 'none';
export type LayerSelection = 'auto' | 'all' | { readonly mediaType: string };

/** How a manifest becomes files: everything the variant is named after. */
export interface UnpackOptions {
  readonly mode: UnpackMode;
  readonly layers: LayerSelection;
  readonly platform?: Platform;
  readonly links: 'record' | 'materialize';
  /** .gitignore lines. */
  readonly ignore?: string;
}
