import type { LogRecord } from '../report/log-records.ts'
import { version } from './build-version.ts'

/** Severity numbers of OpenTelemetry. */
const numbers = { info: 9, warning: 13, error: 17 } as const satisfies Record<
  LogRecord['severity'],
  number
>

/** How long one request may take, in milliseconds. */
const patience = 5000

/** Sends records to a collector of OpenTelemetry, by OTLP over HTTP. Its packages are loaded where it is asked for. */
export async function openOtlp(address: string): Promise<{
  take(record: LogRecord): void
  close(): Promise<string | null>
}> {
  const [{ OTLPLogExporter }, { BatchLogRecordProcessor, LoggerProvider }, resources] =
    await Promise.all([
      import('@opentelemetry/exporter-logs-otlp-http'),
      import('@opentelemetry/sdk-logs'),
      import('@opentelemetry/resources'),
    ])
  const exporter = new OTLPLogExporter({ url: logsOf(address), timeoutMillis: patience })
  let fault: string | null = null
  const provider = new LoggerProvider({
    resource: resources.resourceFromAttributes({
      'service.name': 'trueup',
      'service.version': version(),
    }),
    processors: [
      new BatchLogRecordProcessor({
        exporter: {
          export: (records, done) =>
            exporter.export(records, (result) => {
              if (result.error) fault ??= result.error.message
              done(result)
            }),
          forceFlush: () => exporter.forceFlush(),
          shutdown: () => exporter.shutdown(),
        },
      }),
    ],
  })
  const logger = provider.getLogger('trueup', version())
  return {
    take({ at, severity, text, fields }) {
      logger.emit({
        timestamp: at,
        severityNumber: numbers[severity],
        severityText: severity.toUpperCase(),
        body: text,
        attributes: Object.fromEntries(
          Object.entries(fields).map(([name, value]) => [`trueup.${name}`, value]),
        ),
      })
    },
    async close() {
      await provider.shutdown().catch((error: unknown) => (fault ??= (error as Error).message))
      return fault === null
        ? null
        : `the collector at ${address} did not take all records: ${fault}`
    },
  }
}

/** The address of the logs of a collector: the path that OTLP names, unless a path is given. */
function logsOf(address: string): string {
  const url = new URL(address)
  if (url.pathname === '/' || url.pathname === '') url.pathname = '/v1/logs'
  return url.href
}
