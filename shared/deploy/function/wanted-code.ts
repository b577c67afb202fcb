import { FUNCTION_ZIP_BYTES } from '../../limits.ts';
import { isIndexType } from '../../oci/media-types.ts';
import type { DeployContext } from '../kit/deploy-context.ts';
import { deployFailed } from '../kit/failures.ts';
import type { FunctionSettings } from './function-settings.ts';
import type { CodeSource, FunctionView } from './lambda.ts';
import { codeSha256Of, zipFolder } from './zip-folder.ts';

/** The code that a revision is. */
export interface WantedCode {
  readonly packageType: FunctionView['packageType'];
  /** For people. */
  readonly what: string;
  /** Base64 of a zip's sha256; the digest of an image. */
  readonly id: string;
  /** Made when it is sent. */
  readonly source: () => Promise<CodeSource>;
}

type Context = Pick<DeployContext<FunctionSettings>, 'artifact' | 'settings' | 'origin' | 'aws' | 'revision'>;

/** Whether a function has this code. */
export const hasCode = ({ codeSha256, imageDigest }: FunctionView, id: string): boolean =>
  codeSha256 === id || imageDigest === id;

/** A zip of the artifact: read by Lambda where it can, which is in its own region. */
function wantedZip(path: string, { artifact, origin, aws }: Context): WantedCode {
  const file = artifact.files.find((each) => each.path === path);
  if (file === undefined)
    throw deployFailed(`${path} is not in the artifact`, {
      hint: 'Name the zip in zip, as the artifact has it.',
    });
  const id = Buffer.from(file.sha256, 'hex').toString('base64');
  const { location } = artifact;
  const isNear = location.in === 'bucket' && (aws.region === undefined || aws.region === origin.region);
  const source = async (): Promise<CodeSource> => {
    if (location.in === 'bucket' && isNear) {
      await artifact.check(path);
      return { bucket: location.bucket, key: `${location.prefix}${path}` };
    }
    if (file.size > FUNCTION_ZIP_BYTES)
      throw deployFailed(`${path} has ${file.size} bytes, over the ${FUNCTION_ZIP_BYTES} of a request`, {
        hint:
          location.in === 'packs'
            ? 'Give the source `layout: tree`, so that Lambda can read the zip from the bucket.'
            : "Keep the store in S3 in the function's region, where Lambda can read it, or leave out what it does not need.",
      });
    return { zip: await artifact.read(path, FUNCTION_ZIP_BYTES) };
  };
  return { packageType: 'Zip', what: path, id, source };
}

/** Lambda takes one platform's manifest, never an index. */
function wantedImage(repository: string, { artifact: { record }, revision }: Context): WantedCode {
  if (isIndexType(record.mediaType))
    throw deployFailed(`${revision.revision} is an index, and Lambda takes one platform's manifest`, {
      hint: 'Name the platform in the source (platform: linux/arm64).',
    });
  const image = `${repository}@${record.manifest}`;
  return {
    packageType: 'Image',
    what: image,
    id: record.manifest,
    source: async () => ({ image }),
  };
}

/** @throws LandfallError DEPLOY_FAILED where the artifact has no such code; as DeployArtifact.read */
export async function readCode(context: Context): Promise<WantedCode> {
  const { zip: path, image } = context.settings;
  if (image !== undefined) return wantedImage(image, context);
  if (path !== undefined) return wantedZip(path, context);
  const zip = await zipFolder(context.artifact);
  const what = `${context.artifact.files.length} files`;
  return { packageType: 'Zip', what, id: codeSha256Of(zip), source: async () => ({ zip }) };
}
