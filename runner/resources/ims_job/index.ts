import { get } from '../../contract/probe.ts'
import { defineResource } from '../../contract/resource.ts'
import { isMap } from '../../contract/value.ts'
import { listFrom, textAt } from '../service-answers.ts'
import { stages } from '../service-job.ts'
import { buildParams } from './build-params.ts'
import { imageJobChanges } from './image-job-changes.ts'
import { stageOf, youngestFirst } from './image-job-records.ts'

const uuid = '^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$'

/** A job of IMS has made its image, or its image is there already. */
export const imsJob = defineResource({
  name: 'ims_job',
  summary: 'A job of IMS has made its image, or its image is there already.',
  source: 'Customize an Image Root Using IMS; Create an Image From a Recipe (cray ims jobs create)',
  params: {
    type: 'object',
    required: ['job_type', 'artifact_id', 'image_root_archive_name'],
    properties: {
      job_type: {
        type: 'string',
        identity: true,
        enum: ['create', 'customize'],
        description: '`create` builds a recipe, `customize` opens an image.',
      },
      artifact_id: {
        type: 'string',
        identity: true,
        pattern: uuid,
        description: 'Id of the recipe, or of the image.',
      },
      image_root_archive_name: {
        type: 'string',
        format: 'line',
        identity: true,
        minLength: 1,
        description: 'Name of the resulting image: with the two above it says which job is meant.',
      },
      public_key_id: {
        type: 'string',
        pattern: uuid,
        description:
          'Id of the public key that is let in. Needed to create the job; `ims_public_key` has it.',
      },
      until: {
        type: 'string',
        enum: ['success', 'waiting_on_user'],
        default: 'success',
        description:
          '`waiting_on_user`: the job is open for a user to work on the image; `success`: the image is made.',
      },
      remote_build_node: {
        type: 'string',
        matcher: true,
        description:
          'The remote build node that it must run on. IMS falls back to Kubernetes without a word: there the node is an empty text.',
        examples: [{ not: '' }],
      },
      ...buildParams,
    },
  },
  state: {
    outcome: {
      type: 'string',
      enum: stages,
      description:
        '`none`: neither job nor image; `succeeded`: the image is made, or as far as `until` says.',
    },
    remote_build_node: {
      type: 'string',
      description: 'The node that it runs on; empty: Kubernetes; null without a job.',
    },
    id: { type: 'string', information: true, description: 'Id of the job.' },
    status: {
      type: 'string',
      information: true,
      description: '`creating`, `building_image`, `waiting_on_user` …',
    },
    result_id: { type: 'string', information: true, description: 'Id of the resulting image.' },
    kubernetes_job: {
      type: 'string',
      information: true,
      description: 'What it is called in Kubernetes.',
    },
  },
  probe: () => ({ jobs: get('ims', '/v3/jobs'), images: get('ims', '/v3/images') }),
  observe: ({ jobs, images }, { job_type, artifact_id, image_root_archive_name, until }) => {
    const there = listFrom(images, 'ims')
    const job = listFrom(jobs, 'ims')
      .filter(
        (each) =>
          each['job_type'] === job_type &&
          each['artifact_id'] === artifact_id &&
          each['image_root_archive_name'] === image_root_archive_name,
      )
      // A job whose image was deleted since says nothing of today.
      .filter(
        (each) =>
          each['status'] !== 'success' ||
          there.some((image) => image['id'] === each['resultant_image_id']),
      )
      .sort(youngestFirst)[0]
    if (job) {
      return {
        outcome: stageOf(textAt(job, 'status'), until),
        remote_build_node: textAt(job, 'remote_build_node') ?? '',
        id: textAt(job, 'id'),
        status: textAt(job, 'status'),
        result_id: textAt(job, 'resultant_image_id'),
        kubernetes_job: textAt(job, 'kubernetes_job'),
      }
    }
    const image = there
      .filter((each) => each['name'] === image_root_archive_name && isMap(each['link']))
      .sort(youngestFirst)[0]
    return {
      outcome: image ? 'succeeded' : 'none',
      remote_build_node: null,
      id: null,
      status: null,
      result_id: textAt(image, 'id'),
      kubernetes_job: null,
    }
  },
  // If IMS has forgotten the job, the host where it ran is unknown.
  desire: ({ remote_build_node }, { outcome, id }) => ({
    outcome: 'succeeded',
    remote_build_node: outcome === 'succeeded' && id === null ? undefined : remote_build_node,
  }),
  change: imageJobChanges,
  settle: {
    for: 7200,
    every: 30,
    progress: ({ status, remote_build_node }) =>
      `the job is ${status ?? 'not listed yet'}${remote_build_node ? ` on ${remote_build_node}` : ''}`,
  },
})
