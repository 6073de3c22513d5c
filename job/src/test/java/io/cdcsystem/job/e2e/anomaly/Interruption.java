package io.cdcsystem.job.e2e.anomaly;

/** The ways in which a job comes to an end, and begins again. */
enum Interruption {
    LOSS_OF_TASK_MANAGER {
        @Override
        void strike(AnomalyPipeline pipeline, int parallelism) throws Exception {
            pipeline.loseTaskManager();
        }
    },
    LOSS_OF_JOB_MASTER {
        @Override
        void strike(AnomalyPipeline pipeline, int parallelism) throws Exception {
            pipeline.loseJobMaster();
        }
    },
    KILL_AND_RESCALE {
        @Override
        void strike(AnomalyPipeline pipeline, int parallelism) throws Exception {
            pipeline.kill();
            pipeline.start(parallelism);
        }
    },
    SAVEPOINT_AND_RESCALE {
        @Override
        void strike(AnomalyPipeline pipeline, int parallelism) throws Exception {
            pipeline.stopWithSavepoint();
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
