# One image for each service, which also holds its commands (migrate, republish …), and one of what stands in for their
# surroundings on one machine (SERVICE=local-stack). The base images are chosen in .env, for all at once:
#
#   docker compose build contribution-service
#   docker run … cahier/contribution-service               (the service)
#   docker run … cahier/contribution-service migrate.js    (before it)
#
# A site with a mirror of npm gives `.npmrc` and the certificate of its authority as build secrets, which no layer keeps:
#
#   docker build --secret id=npmrc,src=… --secret id=certificates,src=… --build-arg SERVICE=… --build-arg BUILD_IMAGE=… …
ARG BUILD_IMAGE
# Needs glibc and certificates only: Node comes along from package-lock.json, so that every site runs the same.
ARG RUN_IMAGE

# What packages are installed depends on these alone: a change of source installs nothing anew.
FROM ${BUILD_IMAGE} AS manifests
WORKDIR /source
COPY . .
RUN mkdir /manifests && find . -name package.json -exec cp --parents {} /manifests \; && cp package-lock.json /manifests

FROM ${BUILD_IMAGE} AS built
WORKDIR /source
COPY --from=manifests /manifests .
RUN --mount=type=secret,id=npmrc,target=/root/.npmrc --mount=type=secret,id=certificates \
    if [ -s /run/secrets/certificates ]; then export NODE_EXTRA_CA_CERTS=/run/secrets/certificates; fi; \
    npm ci --no-audit --no-fund
COPY . .
RUN npm run build

FROM built AS assembled
ARG SERVICE
RUN node tools/deployment/assemble.mjs "${SERVICE}" /assembled
# What a volume is mounted over, with the owner that Docker gives to the volume.
# Beside the rest, and with its date: a folder that a COPY makes by itself has the date of the build.
WORKDIR /assembled/var/lib/cahier
RUN mkdir -p reports secrets && cd secrets && \
    mkdir keys postgres identity campaign-service contribution-service notification-service reporting-service && \
    chown -R 10001:10001 /assembled/var/lib/cahier && find /assembled/var -exec touch --date=@0 {} + && touch --date=@0 /assembled

FROM ${RUN_IMAGE}
ARG SERVICE
ARG VERSION=unreleased
ARG REVISION=unknown
LABEL org.opencontainers.image.title="${SERVICE}" \
      org.opencontainers.image.description="Public consultation campaigns: ${SERVICE} of Cahier" \
      org.opencontainers.image.licenses="MIT" \
      org.opencontainers.image.version="${VERSION}" \
      org.opencontainers.image.revision="${REVISION}"
COPY --from=assembled /assembled /
WORKDIR /app/run
ENV NODE_ENV=production HTTP_HOST=0.0.0.0 HTTP_PORT=8080
USER 10001:10001
EXPOSE 8080
STOPSIGNAL SIGTERM
HEALTHCHECK --interval=5s --timeout=5s --start-period=30s --retries=6 \
  CMD ["/usr/local/bin/node", "--eval", "fetch(`http://127.0.0.1:${process.env.HTTP_PORT}/health/live`).then(({ ok }) => process.exit(ok ? 0 : 1), () => process.exit(1))"]
ENTRYPOINT ["/usr/local/bin/node", "--enable-source-maps"]
CMD ["main.js"]
