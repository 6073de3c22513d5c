package io.cdcsystem.job.e2e.anomaly;

/** The ways in which a job comes to a sudden end, and begins again. */
enum Death {
    OF_THE_TASK_MANAGER {
        @Override
        void strike(AnomalyPipeline pipeline, int parallelism) throws Exception {
            pipeline.loseTaskManager();
        }
    },
    OF_THE_JOB_MASTER {
        @Override
        void strike(AnomalyPipeline pipeline, int parallelism) throws Exception {
            pipeline.loseJobMaster();
        }
    },
    OF_ALL_RESTORED_AT_ANOTHER_PARALLELISM {
        @Override
        void strike(AnomalyPipeline pipeline, int parallelism) throws Exception {
            pipeline.kill();
            pipeline.start(parallelism);
        }
    };

    /**
     * Lets it happen; the job begins again by itself.
     *
     * @param parallelism of the next attempt, where that can be another one
     */
    abstract void strike(AnomalyPipeline pipeline, int parallelism) throws Exception;
}
