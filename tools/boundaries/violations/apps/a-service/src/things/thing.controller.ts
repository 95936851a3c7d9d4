/** Violates controller-only-translates. */
import { DataSource } from 'typeorm';

export const used = DataSource;
