import { Controller, Get, Injectable } from '@nestjs/common';
import { ApiOperation, ApiResponse, ApiTags } from '@nestjs/swagger';
import { z } from 'zod';
import { Readiness } from './readiness.js';
import { Staff } from './staff.js';
import { within } from './within.js';

type Read = () => Promise<number>;

/** Whoever reads one may have to wait for a server that is away. */
const PATIENCE_MS = 4_000;

/** What an operator asks a service first: every part adds its figures. */
@Injectable()
export class Status {
  private readonly figures = new Map<string, Read>();

  /** @param name with its unit, such as `outbox-age-seconds`. @param read may throw: the figure is then unknown. */
  add(name: string, read: Read): void {
    this.figures.set(name, read);
  }

  /** Null: it cannot be known now. */
  async report(): Promise<Record<string, number | null>> {
    return Object.fromEntries(await Promise.all([...this.figures].map(async ([name, read]) => [name, await within(PATIENCE_MS, read()).catch(() => null)] as const)));
  }
}

const statusView = z
  .object({
    ready: z.boolean(),
    /** Part → whether it can work. */
    parts: z.record(z.string(), z.enum(['up', 'down'])),
    /** Name with its unit → value; null where it cannot be known now. */
    figures: z.record(z.string(), z.number().nullable()),
  })
  .meta({ id: 'Status' });
type StatusView = z.infer<typeof statusView>;

/** As health and metrics, which are for the cluster; this is for people, from wherever they sign in. Always 200. */
@ApiTags('operations')
@Controller('staff/status')
@Staff('admin')
export class StatusController {
  constructor(private readonly status: Status, private readonly readiness: Readiness) {}

  @Get()
  @ApiOperation({ summary: 'État du service et ce qui attend · State of the service and what waits' })
  @ApiResponse({ status: 200, standardSchema: statusView })
  async show(): Promise<StatusView> {
    const [{ ready, parts }, figures] = await Promise.all([this.readiness.report(), this.status.report()]);
    return { ready, parts, figures };
  }
}
