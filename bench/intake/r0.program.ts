import 'reflect-metadata';
import { randomUUID } from 'node:crypto';
import { Body, Controller, Module, Param, ParseUUIDPipe, Post, ValidationPipe } from '@nestjs/common';
import { NestFactory } from '@nestjs/core';
import { TypeOrmModule } from '@nestjs/typeorm';
import { Type } from 'class-transformer';
import { ArrayMaxSize, IsArray, IsIn, IsObject, IsOptional, IsString, MaxLength, MinLength, ValidateNested } from 'class-validator';
import { Column, CreateDateColumn, DataSource, Entity, PrimaryColumn, PrimaryGeneratedColumn } from 'typeorm';

/**
 * R0: what the frameworks' guides lead to. Nest on Express, class-validator, TypeORM: the contribution and its event saved one
 * after the other in a transaction. No idempotency, no window, no encryption.
 */
@Entity('contribution')
class Contribution {
  @PrimaryColumn('uuid', { name: 'contribution_id' }) id: string;
  @Column('uuid', { name: 'campaign_id' }) campaignId: string;
  @Column('text') kind: string;
  @Column('text', { nullable: true }) title: string | null;
  @Column('text') body: string;
  @Column('text') language: string;
  @Column('text') publication: string;
  @CreateDateColumn({ type: 'timestamptz', name: 'received_at' }) receivedAt: Date;
}

@Entity('outbox')
class OutboxMessage {
  @PrimaryGeneratedColumn('identity', { type: 'bigint' }) position: string;
  @Column('uuid') key: string;
  @Column('jsonb') payload: object;
}

class PublicationDto {
  @IsIn(['named', 'anonymous', 'not-published']) preference: string;
}

class ContributionDto {
  @IsIn(['proposal', 'remark', 'argument', 'evidence', 'opinion']) kind: string;
  @IsArray() @ArrayMaxSize(10) @IsObject({ each: true }) targets: object[];
  @IsOptional() @IsString() @MaxLength(300) title?: string;
  @IsString() @MinLength(1) @MaxLength(50_000) body: string;
  @IsIn(['fr', 'en']) language: string;
  @ValidateNested() @Type(() => PublicationDto) publication: PublicationDto;
}

@Controller('campaigns/:campaignId/contributions')
class ContributionController {
  constructor(private readonly db: DataSource) {}

  @Post()
  async file(@Param('campaignId', ParseUUIDPipe) campaignId: string, @Body() dto: ContributionDto): Promise<object> {
    return this.db.transaction(async (tx) => {
      const contribution = await tx.save(Contribution, { id: randomUUID(), campaignId, kind: dto.kind, title: dto.title ?? null, body: dto.body, language: dto.language, publication: dto.publication.preference });
      await tx.save(OutboxMessage, { key: contribution.id, payload: contribution });
      return { contributionId: contribution.id, receivedAt: contribution.receivedAt };
    });
  }
}

@Module({
  imports: [TypeOrmModule.forRoot({ type: 'postgres', url: process.env['DATABASE_URL']!, entities: [Contribution, OutboxMessage], synchronize: true, poolSize: 10 })],
  controllers: [ContributionController],
})
class AppModule {}

const app = await NestFactory.create(AppModule, { logger: ['error'] });
app.useGlobalPipes(new ValidationPipe({ whitelist: true, forbidNonWhitelisted: true, transform: true }));
await app.listen(Number(process.env['HTTP_PORT']), '127.0.0.1');
