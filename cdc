#!/usr/bin/env bash
# The cdc command, run from a source checkout: builds what is missing, then starts Java. See ./cdc --help.
#   JAVA_HOME      a JDK 17 or later            CDC_HEAP       Java heap, default 1g
#   CDC_JAVA_OPTS  further options for Java     CDC_LOG_LEVEL  log level on stderr, default warn
set -euo pipefail

root=$(cd "$(dirname "$(readlink -f "${BASH_SOURCE[0]}")")" && pwd)

fail() {
    echo "cdc: $*" >&2
    exit 1
}

# The major version of a java binary; 0 where it is none.
java_major() {
    "$1" -XshowSettings:properties -version 2>&1 | sed -n 's/^ *java.specification.version = \([0-9]*\).*/\1/p' || echo 0
}

find_java() {
    local candidate major
    for candidate in "${JAVA_HOME:+$JAVA_HOME/bin/java}" "$(command -v java || true)" \
        /usr/lib/jvm/*/bin/java /Library/Java/JavaVirtualMachines/*/Contents/Home/bin/java; do
        if [[ -n $candidate && -x $candidate ]]; then
            major=$(java_major "$candidate")
            if [[ ${major:-0} -ge 17 ]]; then
                echo "$candidate"
                return
            fi
        fi
    done
    fail "no Java 17 or later found; install a JDK 17 and set JAVA_HOME to it"
}

# build MODULE: packages a module and what it needs, with the same JDK.
build() {
    command -v mvn >/dev/null || fail "this checkout is not built yet and mvn is missing; install Maven 3.8 or later"
    echo "cdc: building (first start only) ..." >&2
    (cd "$root" && JAVA_HOME=$(dirname "$(dirname "$(readlink -f "$java")")") \
        mvn -q -DskipTests package -pl "$1" -am >&2) || fail "the build failed; see the messages above"
}

java=$(find_java)
opens=()
for package in java.lang java.net java.io java.nio sun.nio.ch java.lang.reflect java.text java.time java.util \
    java.util.concurrent java.util.concurrent.atomic java.util.concurrent.locks; do
    opens+=("--add-opens=java.base/$package=ALL-UNNAMED")
done

job_jar=$root/job/target/cdc-job.jar
job_path=$root/job/target/runtime.classpath
demo_path=$root/testbed/demo/target/runtime.classpath

if [[ ${1:-} == demo ]]; then
    shift
    [[ -f $demo_path ]] || build testbed/demo
    [[ -f $demo_path ]] || fail "the build left no $demo_path; run mvn -DskipTests package and look at its output"
    main=io.cdcsystem.demo.DemoMain
    class_path=$(<"$demo_path")
    demo_jars=("$root"/testbed/demo/target/cdc-demo-*.jar)
    class_path="${demo_jars[0]}:$class_path"
else
    [[ -f $job_jar && -f $job_path ]] || build job
    main=io.cdcsystem.job.command.Cdc
    class_path=$job_jar:$(<"$job_path")
fi

# shellcheck disable=SC2086 # CDC_JAVA_OPTS is a list of words
exec "$java" "-Xmx${CDC_HEAP:-1g}" "${opens[@]}" \
    "-Dlog4j2.configurationFile=$root/job/src/main/launcher/log4j2.properties" \
    "-Dcdc.log.level=${CDC_LOG_LEVEL:-warn}" "-Dcdc.flink.log.level=${CDC_LOG_LEVEL:-error}" \
    ${CDC_JAVA_OPTS:-} \
    -cp "$class_path" "$main" "$@"
